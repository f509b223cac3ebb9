// SPDX-License-Identifier: Apache-2.0
// Confining hv by Landlock and seccomp.
#include "hv/core/confine.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "hv/core/confine_filter.h"
#include "hv/core/file_descriptor.h"

namespace hv {

namespace {

constexpr std::uint64_t all_file_rights =
    (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // all rights of Landlock's first version
constexpr std::uint64_t directory_rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                                           LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
                                           LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                                           LANDLOCK_ACCESS_FS_REMOVE_DIR;
/// The clock's cache names the host's boot by it.
constexpr char boot_id_path[] = "/proc/sys/kernel/random/boot_id";

Error system_error(const char* what) {
    return {ErrorKind::internal, std::string("cannot confine hv: ") + what + ": " + std::strerror(errno)};
}

bool allow(int ruleset, const char* path, std::uint64_t rights) {
    const FileDescriptor file(open(path, O_PATH | O_CLOEXEC));
    const landlock_path_beneath_attr rule{.allowed_access = rights, .parent_fd = file.get()};
    return file && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

}  // namespace

Result<> confine_files(const std::string& directory, const std::string& removable) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return std::unexpected(system_error("PR_SET_NO_NEW_PRIVS"));
    landlock_ruleset_attr rules{};
    rules.handled_access_fs = all_file_rights;
    const FileDescriptor ruleset(
        static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, sizeof rules.handled_access_fs, 0)));
    if (!ruleset) return {};
    if (!allow(ruleset.get(), directory.c_str(), directory_rights))
        return std::unexpected(system_error(directory.c_str()));
    if (!removable.empty() && !allow(ruleset.get(), removable.c_str(), LANDLOCK_ACCESS_FS_REMOVE_DIR))
        return std::unexpected(system_error(removable.c_str()));
    // Fails where /proc is missing; the clock then has no cache.
    allow(ruleset.get(), boot_id_path, LANDLOCK_ACCESS_FS_READ_FILE);
    if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
        return std::unexpected(system_error("landlock_restrict_self"));
    return {};
}

Result<> confine_calls(const CallConfinement& confinement) {
    const std::span<const sock_filter> filter = confinement.kvm ? kvm_call_filter : pv_call_filter;
    std::vector<sock_filter> code(filter.begin(), filter.end());
    const auto fill_in = [&code](std::uint32_t mark, int id) {
        if (id <= 0) return;
        for (sock_filter& instruction : code)
            if (instruction.k == mark) instruction.k = static_cast<std::uint32_t>(id);
    };
    fill_in(own_process_mark, getpid());
    fill_in(guest_process_mark, confinement.guest);
    fill_in(helper_process_mark, confinement.helper);
    fill_in(ring_mark, confinement.ring);

    const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return std::unexpected(system_error("PR_SET_NO_NEW_PRIVS"));
    // Older kernels enable costly Spectre mitigations with a filter. hv runs no guest code on this thread, and
    // declines.
    constexpr unsigned flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) != 0)
        return std::unexpected(system_error("seccomp"));
    return {};
}

}  // namespace hv
