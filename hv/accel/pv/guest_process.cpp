// SPDX-License-Identifier: Apache-2.0
// The process in which a guest runs.
#include "hv/accel/pv/guest_process.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "hv/accel/pv/stub/syscall.h"
#include "hv/accel/pv/vcpu_threads.h"
#include "hv/core/host_clock.h"
#include "hv/core/memory_file.h"

extern "C" const char hv_pv_stub_begin[];
extern "C" const char hv_pv_stub_end[];

namespace hv::pv {

struct GuestProcess::Launch {
    FileDescriptor program;
    FileDescriptor stub_socket;
    std::array<int, first_doorbell + max_doorbells> files;  ///< hv's numbers, in the order of the stub's
    int file_count;
    alignas(16) std::array<std::byte, 16384> stack;
};

namespace {

/// A process's CPU clock as a clock id: the inverted process id, then this (linux/posix-timers.h, CPUCLOCK_SCHED).
constexpr std::uint32_t cpu_clock_sched = 2;

Error system_error(ErrorKind kind, const char* what, int error) {
    return {kind, std::string(what) + ": " + std::strerror(error)};
}

Error namespace_error(int error) {
    switch (error) {
        case EPERM:
        case EACCES:
            return {ErrorKind::no_permission,
                    "pv needs user namespaces, which this host denies to this user (sysctl "
                    "kernel.unprivileged_userns_clone, "
                    "kernel.apparmor_restrict_unprivileged_userns)"};
        case ENOSPC:
        case EUSERS:
            return {ErrorKind::host_lacks,
                    "pv needs a user namespace, and the host's limit of them is reached (sysctl "
                    "user.max_user_namespaces, user.max_pid_namespaces)"};
        case EINVAL: return {ErrorKind::host_lacks, "pv needs user and pid namespaces, which this kernel lacks"};
        case ENOMEM: return system_error(ErrorKind::no_memory, "cannot start the guest process", error);
        default: return system_error(ErrorKind::internal, "cannot start the guest process", error);
    }
}

Error report_error(const StubReport& report) {
    const auto because = [&report](const char* what) { return std::string(what) + ": " + std::strerror(report.error); };
    switch (report.step) {
        case StubStep::exec:
            return {ErrorKind::host_lacks, because("cannot execute the guest process from memory "
                                                   "(sysctl vm.memfd_noexec)")};
        case StubStep::map:
            return {ErrorKind::no_memory,
                    because("cannot map the guest's memory (ulimit -v, sysctl vm.overcommit_memory)")};
        case StubStep::merge:
            return {ErrorKind::host_lacks, because("--ksm: this kernel does not merge pages (CONFIG_KSM)")};
        case StubStep::threads:
            return {
                ErrorKind::host_lacks,
                because("the guest process cannot have a thread for each vCPU (ulimit -u, pids.max of its cgroup)")};
        case StubStep::timer: return {ErrorKind::host_lacks, because("the guest process cannot have a timer")};
        case StubStep::privileges:
            return {ErrorKind::host_lacks, because("the guest process cannot give up its privileges")};
        default:
            return {
                ErrorKind::internal,
                because(("guest process, step " + std::to_string(static_cast<std::uint32_t>(report.step))).c_str())};
    }
}

Result<FileDescriptor> stub_program() {
    FileDescriptor file = create_memory_file("tenon-guest", true);
    const auto size = static_cast<std::size_t>(hv_pv_stub_end - hv_pv_stub_begin);
    if (!file || write(file.get(), hv_pv_stub_begin, size) != static_cast<ssize_t>(size))
        return std::unexpected(system_error(ErrorKind::no_memory, "memfd of the guest process", errno));
    return file;
}

}  // namespace

/// Runs in hv's memory with a descriptor table of its own. Raw system calls only: setting errno would set hv's.
int GuestProcess::run_child(void* argument) {
    auto& launch = *static_cast<Launch*>(argument);
    // First move all descriptors above the target numbers, then onto them, so that none is overwritten.
    for (int i = 0; i < launch.file_count; ++i) {
        int& file = launch.files[static_cast<std::size_t>(i)];
        if (file < launch.file_count)
            file = static_cast<int>(system_call(SYS_fcntl, file, F_DUPFD_CLOEXEC, launch.file_count));
    }
    int program = launch.program.get();
    if (program < launch.file_count)
        program = static_cast<int>(system_call(SYS_fcntl, program, F_DUPFD_CLOEXEC, launch.file_count));
    for (int i = 0; i < launch.file_count; ++i) system_call(SYS_dup2, launch.files[static_cast<std::size_t>(i)], i);

    const char* const arguments[] = {"tenon-guest", nullptr};
    const char* const environment[] = {nullptr};
    const std::int64_t result = system_call(SYS_execveat, program, "", &arguments[0], &environment[0], AT_EMPTY_PATH);
    const StubReport report{StubStep::exec, static_cast<std::int32_t>(-result)};
    system_call(SYS_write, stub_socket, &report, sizeof report);
    system_call(SYS_exit_group, lockdown_failed);
    return 0;
}

Result<std::unique_ptr<GuestProcess>> GuestProcess::start(const StubSetup& setup, const GuestFiles& files) {
    std::unique_ptr<GuestProcess> process(new GuestProcess);
    process->launch_ = std::make_unique_for_overwrite<Launch>();
    Launch& launch = *process->launch_;
    TRY(launch.program, stub_program());

    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return std::unexpected(system_error(ErrorKind::internal, "socketpair", errno));
    process->socket_ = FileDescriptor(pair[0]);
    launch.stub_socket = FileDescriptor(pair[1]);
    if (send(pair[0], &setup, sizeof setup, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof setup))
        return std::unexpected(system_error(ErrorKind::internal, "send", errno));

    launch.file_count = 0;
    const auto give = [&launch](int file) { launch.files[static_cast<std::size_t>(launch.file_count++)] = file; };
    give(launch.stub_socket.get());
    give(files.zone_writable);
    give(files.zone_read_only);
    give(files.image);
    for (const int doorbell : files.doorbells) give(doorbell);

    // In a new user namespace without an id mapping, exec drops all capabilities. Without CLONE_VFORK hv continues
    // meanwhile, which the child's own stack allows.
    int pidfd = -1;
    constexpr int flags = CLONE_VM | CLONE_NEWUSER | CLONE_NEWPID | CLONE_PIDFD | SIGCHLD;
    process->pid_ = clone(run_child, launch.stack.data() + launch.stack.size(), flags, &launch, &pidfd);
    if (process->pid_ < 0) return std::unexpected(namespace_error(errno));
    process->pidfd_ = FileDescriptor(pidfd);
    process->threads_ = {process->pid_};
    launch.stub_socket = FileDescriptor();  // the child has its own copy: its death then shows as end of file
    return process;
}

GuestProcess::~GuestProcess() {
    if (pid_ <= 0) return;
    kill();
    reap();
}

Result<> GuestProcess::wait_ready() {
    if (!socket_) return {};
    StubReport report{};
    ssize_t size;
    do {
        size = recv(socket_.get(), &report, sizeof report, 0);
    } while (size < 0 && errno == EINTR);
    socket_ = FileDescriptor();
    if (size != static_cast<ssize_t>(sizeof report))
        return fail(ErrorKind::internal, "the guest process ended before it was ready");
    launch_.reset();
    if (report.step != StubStep::ready) return std::unexpected(report_error(report));
    return {};
}

Result<> GuestProcess::find_threads(std::uint32_t vcpu_count, FileOpener& opener) {
    TRY(threads_, find_vcpu_threads(pid_, vcpu_count, opener));
    return {};
}

void GuestProcess::kick(std::uint32_t vcpu) const {
    // Until it is reaped the process keeps its id: no other process can be hit.
    if (!reaped_) syscall(SYS_tgkill, pid_, threads_[vcpu], SIGUSR1);
}

void GuestProcess::kill() const {
    if (!reaped_) syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

bool GuestProcess::stop() const {
    constexpr int limit_ms = 500;
    if (reaped_ || syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGSTOP, nullptr, 0) != 0) return false;
    // A thread stops when it next enters or leaves the kernel: at once, unless it waits for a disk.
    for (int waited_ms = 0; waited_ms < limit_ms; ++waited_ms) {
        siginfo_t info{};
        constexpr int options = WSTOPPED | WNOHANG;
        if (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, options) == 0 && info.si_pid != 0) return true;
        poll(nullptr, 0, waited_ms == 0 ? 0 : 1);
    }
    resume();
    return false;
}

void GuestProcess::resume() const {
    if (!reaped_) syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGCONT, nullptr, 0);
}

std::optional<user_regs_struct> GuestProcess::registers(std::uint32_t vcpu) const {
    // Seizing a stopped process makes it a stopped tracee at once; after detaching it is stopped as before.
    const pid_t thread = threads_[vcpu];
    if (reaped_ || ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) return std::nullopt;
    user_regs_struct registers{};
    iovec place{&registers, sizeof registers};
    const bool read = ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &place) == 0;
    ptrace(PTRACE_DETACH, thread, nullptr, nullptr);
    return read ? std::optional(registers) : std::nullopt;
}

std::size_t GuestProcess::read(std::uint64_t address, std::span<std::byte> bytes) const {
    if (reaped_) return 0;
    const iovec to{bytes.data(), bytes.size()};
    const iovec from{reinterpret_cast<void*>(address), bytes.size()};
    const ssize_t size = process_vm_readv(pid_, &to, 1, &from, 1, 0);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
}

GuestProcess::End GuestProcess::reap() {
    if (reaped_) return end_;
    (void)cpu_ns();
    siginfo_t info{};
    while (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) != 0 && errno == EINTR) {
    }
    reaped_ = true;
    end_ = {.by_signal = info.si_code != CLD_EXITED, .code = info.si_status};
    return end_;
}

std::uint64_t GuestProcess::cpu_ns() const {
    // Not clock_getcpuclockid(): it makes a system call that hv's filter does not allow.
    const clockid_t clock = static_cast<clockid_t>((~static_cast<std::uint32_t>(pid_) << 3) | cpu_clock_sched);
    if (!reaped_) last_cpu_ns_ = std::max(last_cpu_ns_, read_clock_ns(clock));
    return last_cpu_ns_;
}

}  // namespace hv::pv
