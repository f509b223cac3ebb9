// SPDX-License-Identifier: Apache-2.0
// Confinement of hv-slirp.
#include "hv/devices/slirp/confine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace hv::slirp {

namespace {

constexpr uid_t nobody = 65534;

Result<> lacking(const char* what) {
    return fail(ErrorKind::host_lacks,
                fmt::format("user-mode network: hv-slirp cannot confine itself: {}: {}", what, std::strerror(errno)));
}

Result<> drop_rights() {
    if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setresgid(nobody, nobody, nobody) != 0 ||
                           setresuid(nobody, nobody, nobody) != 0))
        return lacking("changing to an unprivileged user");
    __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    __user_cap_data_struct none[2] = {};
    if (syscall(SYS_capset, &header, none) != 0) return lacking("dropping capabilities");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return lacking("no new privileges");
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit nothing{.rlim_cur = 0, .rlim_max = 0};
    setrlimit(RLIMIT_CORE, &nothing);
    return {};
}

/// Landlock, where the kernel has it: a second layer under the filter, for files.
void restrict_files() {
    landlock_ruleset_attr rules{};
    rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;  // all of Landlock's first version
    const auto ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0));
    if (ruleset < 0) return;
    landlock_path_beneath_attr resolver{};
    resolver.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
    resolver.parent_fd = open("/etc/resolv.conf", O_PATH | O_CLOEXEC);
    if (resolver.parent_fd >= 0) {
        syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &resolver, 0);
        close(resolver.parent_fd);
    }
    syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
}

/// The calls that libslirp, glib's allocator and poll need. Sockets are those of IP only.
constexpr int allowed_calls[] = {
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),  // its own memory, in /proc
    SCMP_SYS(writev),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    SCMP_SYS(close),
    SCMP_SYS(fcntl),
    SCMP_SYS(ioctl),
    SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(lseek),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(exit_group),
    SCMP_SYS(exit),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid),
};

bool add_rules(scmp_filter_ctx filter) {
    bool ok = true;
    for (const int call : allowed_calls) ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
    for (const int family : {AF_INET, AF_INET6})
        ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                    SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))) == 0;
    // Memory may be had, code not.
    ok = ok &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    // The resolver's configuration is read again when it changes.
    constexpr scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, writing, O_RDONLY)) == 0;
    return ok;
}

}  // namespace

Result<> tie_to(int parent) {
    // Ctrl-C goes to the terminal's process group; this process ends when hv does.
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) return fail(ErrorKind::internal, "user-mode network: hv is gone");
    return {};
}

void limit_data(std::uint64_t bytes) {
    rlimit data{};
    getrlimit(RLIMIT_DATA, &data);
    data.rlim_cur = data.rlim_max = std::min<rlim_t>(data.rlim_max, bytes);
    setrlimit(RLIMIT_DATA, &data);
}

Result<> confine() {
    CHECK(drop_rights());
    // A change of user forgets the signal.
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    restrict_files();
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS), seccomp_release);
    // Some libraries ask for what they can do without.
    if (!filter || !add_rules(filter.get()) || seccomp_load(filter.get()) != 0)
        return lacking("its filter of system calls");
    return {};
}

}  // namespace hv::slirp
