// SPDX-License-Identifier: Apache-2.0
// Making and removing a machine's cgroup.
#include "hv/machine/machine_cgroup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "hv/core/errno_kind.h"
#include "hv/core/text.h"
#include "hv/core/text_file.h"

namespace hv {

namespace {

constexpr std::string_view name_prefix = "tenon-";

std::unexpected<Error> cannot(const CgroupController& controller, const std::string& path, std::string_view why) {
    return fail(errno_kind(errno, ErrorKind::host_lacks),
                fmt::format("{0} cgroup '{1}': {2}: {3} (another one: {4}PATH; without: {5})", controller.name, path,
                            why, std::strerror(errno), controller.option, controller.without));
}

bool hands_on(const CgroupController& controller, const std::string& path) {
    const auto list = read_text_file(path + "/cgroup.subtree_control");
    return list && lists_controller(*list, controller);
}

Result<FileDescriptor> open_members(const CgroupController& controller, const std::string& path) {
    FileDescriptor file(open((path + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return cannot(controller, path, "cgroup.procs");
    return file;
}

bool write_id(const FileDescriptor& members, pid_t process) {
    const std::string text = std::to_string(process);
    return write(members.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// Notes are written by hv alone, into a directory that is this user's alone. Still, no other directory than a
/// machine's cgroup is ever removed by one.
bool is_machines_cgroup(const std::string& path, std::string_view machine) {
    struct statfs about {};
    const std::size_t slash = path.rfind('/');
    if (!path.starts_with('/') || path.contains("/../") || slash == 0) return false;
    const std::string name = fmt::format("{}{}.", name_prefix, machine);
    if (!std::string_view(path).substr(slash + 1).starts_with(name)) return false;
    if (!parse_number(std::string_view(path).substr(slash + 1 + name.size()))) return false;
    if (statfs(path.substr(0, slash).c_str(), &about) != 0) return errno == ENOENT;
    const auto type = static_cast<unsigned long>(about.f_type);
    return type == CGROUP_SUPER_MAGIC || type == CGROUP2_SUPER_MAGIC;
}

}  // namespace

std::string v2_parent_for(const CgroupController& controller, const CgroupPlace& own) {
    if (own.path == own.mount || hands_on(controller, own.path)) return own.path;
    return own.path.substr(0, own.path.rfind('/'));
}

Result<CgroupPlace> parent_for_cgroup(const CgroupController& controller, const std::string& where) {
    CgroupPlace place;
    if (where.empty() || where == "auto") {
        TRY(place, own_cgroup(controller));
        if (place.version == CgroupVersion::v2) place.path = v2_parent_for(controller, place);
    } else {
        TRY(place, cgroup_at(controller, where));
    }
    if (place.version == CgroupVersion::v1 || hands_on(controller, place.path)) return place;
    const auto enabled = write_text_file(place.path + "/cgroup.subtree_control", fmt::format("+{}", controller.name));
    if (enabled) return place;
    return fail(enabled.error().kind,
                fmt::format("{0} cgroup '{1}': it does not delegate the {0} controller, and hv cannot change that: {2} "
                            "(delegate it, or name another one with {3}PATH)",
                            controller.name, place.path, enabled.error().message, controller.option));
}

std::string MachineCgroup::path_for(const CgroupPlace& parent, const std::string& machine) {
    return fmt::format("{}/{}{}.{}", parent.path, name_prefix, machine, getpid());
}

Result<MachineCgroup> MachineCgroup::create(const CgroupController& controller, const CgroupPlace& parent,
                                            const std::string& machine) {
    TRY(const CgroupPlace own, own_cgroup(controller));
    const std::string path = path_for(parent, machine);
    if (mkdir(path.c_str(), 0755) != 0) return cannot(controller, path, "cannot be made");
    // From here on it is removed with this object.
    MachineCgroup made(controller, {parent.version, parent.mount, path});
    TRY(made.members_, open_members(controller, path));
    TRY(made.origin_, open_members(controller, own.path));
    return made;
}

MachineCgroup::MachineCgroup(MachineCgroup&& other) noexcept
    : controller_(other.controller_),
      place_(std::exchange(other.place_, {})),
      members_(std::move(other.members_)),
      origin_(std::move(other.origin_)),
      holds_hv_(other.holds_hv_) {}

MachineCgroup::~MachineCgroup() {
    if (place_.path.empty()) return;
    // A cgroup with a process in it cannot be removed.
    if (holds_hv_) static_cast<void>(write_id(origin_, getpid()));
    rmdir(place_.path.c_str());
}

Result<> MachineCgroup::take(pid_t process) {
    if (!write_id(members_, process))
        return cannot(*controller_, place_.path, fmt::format("process {} cannot be put into it", process));
    if (process == getpid()) holds_hv_ = true;
    return {};
}

bool remove_noted_cgroups(int directory, const std::string& machine) {
    const FileDescriptor note(openat(directory, cgroup_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    // A machine has three at most.
    std::array<char, std::size_t{3} * PATH_MAX> text;
    const ssize_t size = note ? read(note.get(), text.data(), text.size()) : -1;
    if (size <= 0) return true;
    bool gone = true;
    for (const std::string_view line : split({text.data(), static_cast<std::size_t>(size)}, '\n')) {
        const std::string path(line);
        if (is_machines_cgroup(path, machine) && rmdir(path.c_str()) != 0 && errno != ENOENT) gone = false;
    }
    return gone;
}

}  // namespace hv
