// SPDX-License-Identifier: Apache-2.0
// Finding cgroups.
#include "hv/core/cgroup.h"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hv/core/text.h"
#include "hv/core/text_file.h"

namespace hv {

namespace {

std::unexpected<Error> lacks(const CgroupController& controller, std::string_view what) {
    return fail(ErrorKind::host_lacks,
                fmt::format("{} cgroup: {} (without: {})", controller.name, what, controller.without));
}

bool has_word(std::string_view list, char separator, std::string_view word) {
    const auto words = split(list, separator);
    return std::ranges::find(words, word) != words.end();
}

/// mountinfo writes space, tab, newline and backslash as \ and three octal digits (proc(5)).
std::string unescaped(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
        if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
            const int code = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
            result += static_cast<char>(code);
            i += 3;
        } else {
            result += text[i];
        }
    }
    return result;
}

struct Mount {
    std::string root;  ///< which directory of the hierarchy is mounted
    std::string point;
};

/// "36 35 98:0 ROOT POINT OPTIONS [TAGS...] - TYPE SOURCE SUPER-OPTIONS" (proc(5)).
std::optional<Mount> find_mount(std::string_view mountinfo, CgroupVersion version, const CgroupController& controller) {
    for (const std::string_view line : split(mountinfo, '\n')) {
        const std::size_t separator = line.find(" - ");
        if (separator == std::string_view::npos) continue;
        const auto before = split(line.substr(0, separator), ' ');
        const auto after = split(line.substr(separator + 3), ' ');
        if (before.size() < 6 || after.size() < 3) continue;
        const bool matches = version == CgroupVersion::v2
                                 ? after[0] == "cgroup2"
                                 : after[0] == "cgroup" && has_word(after[2], ',', controller.name);
        if (matches) return Mount{unescaped(before[3]), unescaped(before[4])};
    }
    return std::nullopt;
}

/// The path in the line "ID:CONTROLLERS:PATH" of this version.
std::optional<std::string_view> path_of(std::string_view cgroup, CgroupVersion version,
                                        const CgroupController& controller) {
    for (const std::string_view line : split(cgroup, '\n')) {
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) continue;
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const bool matches =
            version == CgroupVersion::v2 ? line.starts_with("0::") : has_word(controllers, ',', controller.name);
        if (matches) return line.substr(second + 1);
    }
    return std::nullopt;
}

bool climbs(std::string_view path) { return has_word(path, '/', ".."); }

}  // namespace

Result<CgroupPlace> find_cgroup(const CgroupController& controller, std::string_view cgroup,
                                std::string_view mountinfo) {
    const CgroupVersion version =
        path_of(cgroup, CgroupVersion::v1, controller) && find_mount(mountinfo, CgroupVersion::v1, controller)
            ? CgroupVersion::v1
            : CgroupVersion::v2;
    const auto path = path_of(cgroup, version, controller);
    const auto mount = find_mount(mountinfo, version, controller);
    if (!path)
        return lacks(controller, fmt::format("this process is in none: the kernel has no {} controller, or it is "
                                             "turned off",
                                             controller.name));
    if (!mount)
        return lacks(controller,
                     fmt::format("no cgroup file system with the {} controller is mounted", controller.name));
    if (!path->starts_with('/') || climbs(*path))
        return lacks(controller, "the one of this process is outside of its cgroup namespace");
    // A container often mounts only its own directory of the hierarchy, while its path counts from the host's root.
    std::string_view below = *path;
    if (mount->root != "/") {
        if (below.starts_with(mount->root)) below.remove_prefix(mount->root.size());
        if (below.size() == path->size() || (!below.empty() && below[0] != '/'))
            return lacks(controller, "the one of this process is not below the mounted directory");
    }
    if (below == "/") below = {};
    return CgroupPlace{version, mount->point, mount->point + std::string(below)};
}

Result<CgroupPlace> own_cgroup(const CgroupController& controller) {
    TRY(const std::string cgroup, read_text_file("/proc/self/cgroup"));
    TRY(const std::string mountinfo, read_text_file("/proc/self/mountinfo"));
    TRY(CgroupPlace place, find_cgroup(controller, cgroup, mountinfo));
    if (place.version == CgroupVersion::v2) {
        const auto controllers = read_text_file(place.path + "/cgroup.controllers");
        // Without the file there is no cgroup at this path, or it is one of another version.
        if (!controllers || !lists_controller(*controllers, controller))
            return lacks(controller, fmt::format("the one of this process has no {} controller", controller.name));
    }
    return place;
}

Result<CgroupPlace> cgroup_at(const CgroupController& controller, const std::string& path) {
    struct statfs about {};
    if (!path.starts_with('/') || climbs(path))
        return fail(ErrorKind::usage,
                    fmt::format("{} cgroup '{}': not an absolute path without '..'", controller.name, path));
    if (statfs(path.c_str(), &about) != 0)
        return fail(ErrorKind::not_found,
                    fmt::format("{} cgroup '{}': {}", controller.name, path, std::strerror(errno)));
    const auto type = static_cast<unsigned long>(about.f_type);
    if (type == CGROUP_SUPER_MAGIC && access((path + controller.v1_file).c_str(), F_OK) == 0)
        return CgroupPlace{CgroupVersion::v1, path, path};
    if (type == CGROUP2_SUPER_MAGIC) {
        const auto controllers = read_text_file(path + "/cgroup.controllers");
        if (controllers && lists_controller(*controllers, controller))
            return CgroupPlace{CgroupVersion::v2, path, path};
    }
    return fail(ErrorKind::usage,
                fmt::format("{0} cgroup '{1}': not a cgroup with the {0} controller", controller.name, path));
}

bool lists_controller(std::string_view list, const CgroupController& controller) {
    return has_word(trimmed(list), ' ', controller.name);
}

std::optional<std::uint64_t> parse_statistic(std::string_view text, std::string_view key) {
    for (const std::string_view line : split(text, '\n')) {
        const std::size_t space = line.find(' ');
        if (space != std::string_view::npos && line.substr(0, space) == key)
            return parse_number(trimmed(line.substr(space + 1)));
    }
    return std::nullopt;
}

}  // namespace hv
