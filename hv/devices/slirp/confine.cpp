// SPDX-License-Identifier: Apache-2.0
// Confinement of hv-slirp.
#include "hv/devices/slirp/confine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "hv/core/capabilities.h"
#include "hv/core/landlock.h"

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
    CHECK(drop_capabilities());
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return lacking("no new privileges");
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    const rlimit nothing{.rlim_cur = 0, .rlim_max = 0};
    setrlimit(RLIMIT_CORE, &nothing);
    return {};
}

/// A second layer under the filter. The resolver's configuration is read again when it changes.
Result<> restrict_process() {
    static constexpr char resolver[] = "/etc/resolv.conf";
    std::vector<FileRule> rules;
    if (access(resolver, F_OK) == 0) rules.push_back({resolver, FileUse::read});
    return restrict_files(rules, Tcp::allowed);
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

/// Of these calls only the requests that libslirp and the C library make of sockets: fcntl could send signals to other
/// processes (F_SETOWN).
constexpr struct {
    int call;
    scmp_datum_t request;
} allowed_requests[] = {
    {SCMP_SYS(fcntl), F_GETFL},  {SCMP_SYS(fcntl), F_SETFL}, {SCMP_SYS(fcntl), F_GETFD}, {SCMP_SYS(fcntl), F_SETFD},
    {SCMP_SYS(ioctl), FIONREAD}, {SCMP_SYS(ioctl), FIONBIO}, {SCMP_SYS(ioctl), TCGETS},  // whether a warning goes to a
                                                                                         // terminal
};

bool add_rules(scmp_filter_ctx filter) {
    bool ok = true;
    for (const auto& [call, request] : allowed_requests)
        ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1, SCMP_A1(SCMP_CMP_EQ, request)) == 0;
    for (const int call : allowed_calls) ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
    for (const int family : {AF_INET, AF_INET6})
        ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                    SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))) == 0;
    // Memory may be had, code not.
    ok = ok &&
         seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    ok = ok && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    // To read only.
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
    CHECK(restrict_process());
    const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter(seccomp_init(SCMP_ACT_KILL_PROCESS), seccomp_release);
    // Some libraries ask for what they can do without.
    if (!filter || !add_rules(filter.get()) || seccomp_load(filter.get()) != 0)
        return lacking("its filter of system calls");
    return {};
}

}  // namespace hv::slirp
