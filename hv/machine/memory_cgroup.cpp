// SPDX-License-Identifier: Apache-2.0
// Making and removing a machine's memory cgroup.
#include "hv/machine/memory_cgroup.h"

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

std::unexpected<Error> cannot(const std::string& path, std::string_view why) {
    return fail(errno_kind(errno, ErrorKind::host_lacks),
                fmt::format("memory cgroup '{}': {}: {} (another one: --memory-cgroup PATH; without: "
                            "--memory-cgroup none)",
                            path, why, std::strerror(errno)));
}

bool hands_memory_on(const std::string& path) {
    const auto list = read_text_file(path + "/cgroup.subtree_control");
    return list && lists_memory(*list);
}

Result<CgroupPlace> place_for(const MemoryPolicy& policy) {
    CgroupPlace place;
    if (policy.cgroup.empty() || policy.cgroup == "auto") {
        TRY(place, own_memory_cgroup());
        if (place.version == CgroupVersion::v2) place.path = v2_parent_for(place);
    } else {
        TRY(place, memory_cgroup_at(policy.cgroup));
    }
    if (place.version == CgroupVersion::v2 && !hands_memory_on(place.path)) {
        const auto enabled = write_text_file(place.path + "/cgroup.subtree_control", "+memory");
        if (!enabled)
            return fail(
                enabled.error().kind,
                fmt::format("memory cgroup '{}': it does not delegate the memory controller, and hv cannot change "
                            "that: {} (delegate it, or name another one with --memory-cgroup PATH)",
                            place.path, enabled.error().message));
    }
    return place;
}

Result<FileDescriptor> open_members(const std::string& path) {
    FileDescriptor file(open((path + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) return cannot(path, "cgroup.procs");
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

std::string v2_parent_for(const CgroupPlace& own) {
    if (own.path == own.mount || hands_memory_on(own.path)) return own.path;
    return own.path.substr(0, own.path.rfind('/'));
}

Result<MemoryCgroup> MemoryCgroup::create(const MemoryPolicy& policy, std::uint64_t memory_bytes,
                                          std::uint64_t helper_bytes, const RunDirectory& directory) {
    TRY(const CgroupPlace place, place_for(policy));
    TRY(const CgroupPlace own, own_memory_cgroup());
    const std::string path = fmt::format("{}/{}{}.{}", place.path, name_prefix, directory.name(), getpid());
    CHECK(directory.write(cgroup_file, path));
    if (mkdir(path.c_str(), 0755) != 0) return cannot(path, "cannot be made");
    // From here on it is removed with this object.
    MemoryCgroup made(path);
    TRY(made.members_, open_members(path));
    TRY(made.origin_, open_members(own.path));
    const std::uint64_t limit =
        memory_bounds(policy, memory_bytes).limit + memory_cgroup_allowance(memory_bytes) + helper_bytes;
    const char* file = place.version == CgroupVersion::v1 ? "/memory.limit_in_bytes" : "/memory.max";
    if (const auto set = write_text_file(path + file, std::to_string(limit)); !set)
        return fail(set.error().kind, fmt::format("memory cgroup: {}", set.error().message));

    return made;
}

MemoryCgroup::MemoryCgroup(MemoryCgroup&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      members_(std::move(other.members_)),
      origin_(std::move(other.origin_)),
      holds_hv_(other.holds_hv_) {}

MemoryCgroup::~MemoryCgroup() {
    if (path_.empty()) return;
    // A cgroup with a process in it cannot be removed.
    if (holds_hv_) static_cast<void>(write_id(origin_, getpid()));
    rmdir(path_.c_str());
}

Result<> MemoryCgroup::take(pid_t process) {
    if (!write_id(members_, process)) return cannot(path_, fmt::format("process {} cannot be put into it", process));
    if (process == getpid()) holds_hv_ = true;
    return {};
}

bool remove_noted_cgroup(int directory, const std::string& machine) {
    const FileDescriptor note(openat(directory, cgroup_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    std::array<char, PATH_MAX> text;
    const ssize_t size = note ? read(note.get(), text.data(), text.size()) : -1;
    if (size <= 0) return true;
    const std::string path(text.data(), static_cast<std::size_t>(size));
    if (!is_machines_cgroup(path, machine)) return true;
    return rmdir(path.c_str()) == 0 || errno == ENOENT;
}

}  // namespace hv
