// SPDX-License-Identifier: Apache-2.0
// The table of attacks.
#include "tests/escape/puppet/attacks.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace puppet {
namespace {

constexpr int at_cwd = AT_FDCWD;

long open_file(Puppet& puppet, const std::string& path, int flags) {
    return puppet.call(SYS_openat, at_cwd, puppet.text(path), flags, 0600);
}
std::string other(const Place& place, const char* file) { return place.base + "/other/" + file; }

/// Binds whatever socket the process has that is not bound yet.
long bind_any_socket(Puppet& puppet, const Place& place) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    other(place, "agent.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    const std::uint64_t there = puppet.value(address);
    constexpr int most_descriptors = 64;
    for (int file = 0; file < most_descriptors; ++file) {
        const long result = puppet.call(SYS_bind, file, there, sizeof address);
        if (result == 0 || result == -EACCES) return result;
    }
    return -EBADF;
}

long copy_memory(Puppet& puppet, const Place& place, long number) {
    const std::uint64_t here = puppet.room(16);
    const iovec part{reinterpret_cast<void*>(here), 16};
    const std::uint64_t list = puppet.value(part);
    return puppet.call(number, place.victim, list, 1, list, 1, 0);
}

long run_program(Puppet& puppet, const char* path) {
    const std::uint64_t arguments[] = {puppet.text(path), 0};
    const std::uint64_t none = 0;
    return puppet.call(SYS_execve, puppet.text(path), puppet.value(arguments), puppet.value(none));
}

// Names of files: Landlock.
constexpr Attack file_attacks[] = {
    {"read another machine's configuration", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, other(at, "config.json"), O_RDONLY); }},
    {"write another machine's configuration", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, other(at, "config.json"), O_WRONLY); }},
    {"write another machine's lock", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, other(at, "lock"), O_RDWR); }},
    {"make a file in another machine's directory", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, other(at, "crash.txt"), O_WRONLY | O_CREAT); }},
    {"list another machine's directory", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, other(at, ""), O_RDONLY | O_DIRECTORY); }},
    {"remove another machine's file", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return p.call(SYS_unlink, p.text(other(at, "config.json"))); }},
    {"remove another machine's file by its directory", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return p.call(SYS_unlinkat, at_cwd, p.text(other(at, "config.json")), 0); }},
    {"rename another machine's file", Free::works, EACCES,
     [](Puppet& p, const Place& at) {
         return p.call(SYS_rename, p.text(other(at, "config.json")), p.text(other(at, "record.json")));
     }},
    {"move its own file to another machine", Free::works, EACCES,
     [](Puppet& p, const Place& at) {
         return p.call(SYS_rename, p.text(at.base + "/endless/config.json"), p.text(other(at, "config.json")));
     }},
    {"bind a socket in another machine's directory", Free::works, EACCES, bind_any_socket},
    {"make a file in the run directory", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, at.base + "/.clock.new", O_WRONLY | O_CREAT); }},
    {"open the log of events", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, at.base + "/.events", O_WRONLY | O_TRUNC); }},
    {"remove the log of events", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return p.call(SYS_unlink, p.text(at.base + "/.events")); }},
    {"read an image in the store", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, at.image, O_RDONLY); }},
    {"write an image in the store", Free::works_for_root, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, at.image, O_RDWR); }},
    {"remove an image from the store", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return p.call(SYS_unlink, p.text(at.image)); }},
    {"read a file of the same user", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, at.outside, O_RDONLY); }},
    {"write a file of the same user", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return open_file(p, at.outside, O_WRONLY); }},
    {"remove a file of the same user", Free::works, EACCES,
     [](Puppet& p, const Place& at) { return p.call(SYS_unlink, p.text(at.outside)); }},
    {"read /etc/passwd", Free::works, EACCES,
     [](Puppet& p, const Place&) { return open_file(p, "/etc/passwd", O_RDONLY); }},
    {"write its own memory by its file", Free::works, EACCES,
     [](Puppet& p, const Place&) { return open_file(p, "/proc/self/mem", O_RDWR); }},
    {"read another process's command line", Free::works, EACCES,
     [](Puppet& p, const Place& at) {
         return open_file(p, "/proc/" + std::to_string(at.victim) + "/cmdline", O_RDONLY);
     }},
    {"open a device", Free::works, EACCES, [](Puppet& p, const Place&) { return open_file(p, "/dev/null", O_RDWR); }},
};

// Everything else: the filter of system calls.
constexpr Attack call_attacks[] = {
    // Files by calls that Landlock does not know.
    {"symlink", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_symlink, p.text("/"), p.text(other(at, "agent.sock"))); }},
    {"link", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_link, p.text(at.outside), p.text(other(at, "crash.txt"))); }},
    {"mkdir", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_mkdir, p.text(other(at, "d")), 0700); }},
    {"mknod", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_mknod, p.text(other(at, "pipe")), S_IFIFO | 0600, 0); }},
    {"chmod", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_chmod, p.text(at.outside), 0666); }},
    {"chown", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_chown, p.text(at.outside), -1, -1); }},
    {"truncate", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_truncate, p.text(at.outside), 0); }},
    {"ftruncate of what is open", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_ftruncate, 3, 0); }},
    {"utimensat", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_utimensat, at_cwd, p.text(at.outside), 0, 0); }},
    {"setxattr", Free::not_tried, killed,
     [](Puppet& p, const Place& at) {
         return p.call(SYS_setxattr, p.text(at.outside), p.text("user.x"), p.text("y"), 1, 0);
     }},
    {"chdir", Free::works, killed, [](Puppet& p, const Place&) { return p.call(SYS_chdir, p.text("/")); }},
    {"chroot", Free::works_for_root, killed, [](Puppet& p, const Place&) { return p.call(SYS_chroot, p.text("/")); }},
    {"flock", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_flock, 3, 2); }},
    {"inotify_init1", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_inotify_init1, IN_CLOEXEC); }},
    {"fanotify_init", Free::works_for_root, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_fanotify_init, 0, O_RDONLY); }},
    {"open_by_handle_at", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_open_by_handle_at, at_cwd, p.room(64), O_RDONLY); }},
    {"openat2", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_openat2, at_cwd, p.text("/etc/passwd"), p.room(24), 24); }},
    // Descriptors that are open, and signals by them.
    {"fcntl F_SETOWN of another process", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_fcntl, 0, F_SETOWN, at.victim); }},
    {"fcntl F_SETSIG", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_fcntl, 0, F_SETSIG, SIGKILL); }},
    {"fcntl F_SETFL", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_fcntl, 0, F_SETFL, O_NONBLOCK); }},
    {"fcntl F_SETLEASE", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_fcntl, 0, F_SETLEASE, F_RDLCK); }},
    {"fcntl F_NOTIFY", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_fcntl, 0, F_NOTIFY, DN_CREATE); }},
    {"ioctl TIOCSTI", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_ioctl, 0, TIOCSTI, p.text("x")); }},
    {"ioctl FIOASYNC", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_ioctl, 0, FIOASYNC, p.value(1)); }},
    {"dup2", Free::works, killed, [](Puppet& p, const Place&) { return p.call(SYS_dup2, 0, 100); }},
    {"pwritev2 that overwrites a log", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_pwritev2, 1, p.room(16), 1, 0, 0, 0x20); }},
    {"fallocate that removes a part of a file", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_fallocate, 3, FALLOC_FL_COLLAPSE_RANGE, 0, 4096); }},
    {"copy_file_range", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_copy_file_range, 0, 0, 1, 0, 1, 0); }},
    {"sendfile", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_sendfile, 1, 0, 0, 1); }},
    // Other processes.
    {"kill", Free::works, killed, [](Puppet& p, const Place& at) { return p.call(SYS_kill, at.victim, SIGTERM); }},
    {"tkill", Free::works, killed, [](Puppet& p, const Place& at) { return p.call(SYS_tkill, at.victim, SIGTERM); }},
    {"tgkill", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_tgkill, at.victim, at.victim, SIGTERM); }},
    {"rt_sigqueueinfo", Free::not_tried, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_rt_sigqueueinfo, at.victim, SIGTERM, p.room(128)); }},
    {"pidfd_open", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_pidfd_open, at.victim, 0); }},
    {"pidfd_getfd", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_pidfd_getfd, 3, 0, 0); }},
    {"ptrace", Free::works_for_root, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_ptrace, PTRACE_SEIZE, at.victim, 0, 0); }},
    {"process_vm_readv", Free::works_for_root, killed,
     [](Puppet& p, const Place& at) { return copy_memory(p, at, SYS_process_vm_readv); }},
    {"process_vm_writev", Free::works_for_root, killed,
     [](Puppet& p, const Place& at) { return copy_memory(p, at, SYS_process_vm_writev); }},
    {"prlimit64", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_prlimit64, at.victim, RLIMIT_CORE, 0, p.room(16)); }},
    {"setpriority", Free::works, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_setpriority, PRIO_PROCESS, at.victim, 19); }},
    {"sched_setaffinity", Free::not_tried, killed,
     [](Puppet& p, const Place& at) { return p.call(SYS_sched_setaffinity, at.victim, 8, p.value(1L)); }},
    // New programs, processes and threads.
    {"execve", Free::works, killed, [](Puppet& p, const Place&) { return run_program(p, "/bin/true"); }},
    {"execveat", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_execveat, at_cwd, p.text("/bin/true"), 0, 0, 0); }},
    {"fork", Free::works, killed, [](Puppet& p, const Place&) { return p.call(SYS_fork); }},
    {"vfork", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_vfork); }},
    {"clone of a process", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
    {"clone of a thread", Free::not_tried, killed,
     [](Puppet& p, const Place&) {
         return p.call(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, p.room(4096), 0, 0, 0);
     }},
    {"clone3", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_clone3, p.room(88), 88); }},
    // Memory that could be executed, or be handled by somebody else.
    {"mmap with execution", Free::works, killed,
     [](Puppet& p, const Place&) {
         return p.call(SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
     }},
    {"mprotect with execution", Free::works, killed,
     [](Puppet& p, const Place&) {
         return p.call(SYS_mprotect, p.room(16) & ~4095ULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
     }},
    {"memfd_create", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_memfd_create, p.text("x"), 0); }},
    {"userfaultfd", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_userfaultfd, 1); }},
    {"shmget", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_shmget, IPC_PRIVATE, 4096, 0600); }},
    // Sockets.
    {"socket of Unix", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_socket, AF_UNIX, SOCK_STREAM, 0); }},
    {"socket of IP", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_socket, AF_INET, SOCK_STREAM, 0); }},
    {"socket of netlink", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_socket, AF_NETLINK, SOCK_RAW, 0); }},
    {"socket of packets", Free::works_for_root, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_socket, AF_PACKET, SOCK_RAW, 0); }},
    {"socketpair", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, p.room(8)); }},
    {"connect", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_connect, 3, p.room(16), 16); }},
    {"recvmsg, which takes descriptors", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_recvmsg, 3, p.room(56), 0); }},
    {"sendmsg, which passes descriptors", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_sendmsg, 3, p.room(56), 0); }},
    // Rights.
    {"unshare", Free::works_for_root, killed, [](Puppet& p, const Place&) { return p.call(SYS_unshare, CLONE_NEWNS); }},
    {"setns", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_setns, 3, 0); }},
    {"mount", Free::not_tried, killed,
     [](Puppet& p,
        const Place& at) { return p.call(SYS_mount, p.text("none"), p.text(other(at, "")), p.text("tmpfs"), 0, 0); }},
    {"setuid", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_setuid, 0); }},
    {"capset", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_capset, p.room(8), p.room(24)); }},
    {"prctl", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0); }},
    {"seccomp", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, 0); }},
    {"personality", Free::works, killed, [](Puppet& p, const Place&) { return p.call(SYS_personality, 0xFFFF'FFFF); }},
    // Large parts of the kernel.
    {"io_uring_setup", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_io_uring_setup, 4, p.room(sizeof(io_uring_params))); }},
    {"io_uring_register", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_io_uring_register, 3, 0, 0, 0); }},
    {"io_uring_enter of another ring", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_io_uring_enter, 3, 0, 0, 0, 0, 0); }},
    {"bpf", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_bpf, 0, p.room(128), 128); }},
    {"perf_event_open", Free::not_tried, killed,
     [](Puppet& p,
        const Place&) { return p.call(SYS_perf_event_open, p.room(sizeof(perf_event_attr)), 0, -1, -1, 0); }},
    {"keyctl", Free::works, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1); }},
    {"add_key", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_add_key, p.text("user"), p.text("x"), p.text("y"), 1, -3); }},
    {"modify_ldt", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_modify_ldt, 0, p.room(16), 16); }},
    {"init_module", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_init_module, p.room(16), 16, p.text("")); }},
    {"kexec_load", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_kexec_load, 0, 0, 0, 0); }},
    {"reboot", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_reboot, 0, 0, 0, 0); }},
    {"clock_settime", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_clock_settime, 0, p.room(16)); }},
    {"sethostname", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_sethostname, p.text("x"), 1); }},
    {"membarrier", Free::works, killed, [](Puppet& p, const Place&) { return p.call(SYS_membarrier, 0, 0, 0); }},
    {"rseq", Free::not_tried, killed, [](Puppet& p, const Place&) { return p.call(SYS_rseq, p.room(32), 32, 0, 0); }},
    {"a call of the 32-bit table of x32", Free::not_tried, killed,
     [](Puppet& p, const Place&) { return p.call(SYS_getpid | 0x4000'0000); }},
};

/// The tables as one.
constexpr auto all_attacks = [] {
    std::array<Attack, std::size(file_attacks) + std::size(call_attacks)> all{};
    std::ranges::copy(call_attacks, std::ranges::copy(file_attacks, all.begin()).out);
    return all;
}();

}  // namespace

std::span<const Attack> attacks() { return all_attacks; }

}  // namespace puppet
