// SPDX-License-Identifier: Apache-2.0
// Run by the build: writes hv's seccomp filters, made by libseccomp, as C++ to standard output.
#include "hv/core/confine_filter.h"

#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <vector>

namespace {

// System calls that hv makes while a guest runs. Landlock restricts them to files below one directory.
constexpr int allowed[] = {
    // The event loop, and descriptors that are open already.
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(preadv),
    SCMP_SYS(pwritev),
    SCMP_SYS(pwritev2),
    SCMP_SYS(fdatasync),
    SCMP_SYS(fallocate),
    SCMP_SYS(lseek),
    SCMP_SYS(fcntl),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(ftruncate),
    SCMP_SYS(flock),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    // The control socket and the network helper.
    SCMP_SYS(accept4),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(shutdown),
    SCMP_SYS(getsockopt),
    // The agent's socket is bound when an agent appears. New sockets cannot be created; Landlock restricts the name.
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    // Files of this machine, and removal of those of machines that have died.
    SCMP_SYS(openat),
    SCMP_SYS(open),
    SCMP_SYS(newfstatat),
    SCMP_SYS(stat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(getdents64),
    SCMP_SYS(statfs),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rmdir),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    // Memory. No new executable pages: see mmap and mprotect below.
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    // Futexes, exit, time, random numbers.
    SCMP_SYS(futex),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(waitid),
    SCMP_SYS(wait4),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

// Requests to terminals, and to a TAP interface when the guest has accepted its offloads.
constexpr unsigned long allowed_ioctls[] = {TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ, FIONREAD, TUNSETOFFLOAD};

// Creating and ending vCPU threads.
constexpr int allowed_for_threads[] = {
    SCMP_SYS(set_robust_list),   SCMP_SYS(rseq),     SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(eventfd2), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(membarrier),
};

// Locks, memory for the C++ library, the signal that interrupts KVM_RUN, and exit.
constexpr int allowed_for_vcpu[] = {
    SCMP_SYS(futex),         SCMP_SYS(brk),
    SCMP_SYS(munmap),        SCMP_SYS(mremap),
    SCMP_SYS(madvise),       SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),  SCMP_SYS(restart_syscall),
    SCMP_SYS(clock_gettime), SCMP_SYS(getpid),
    SCMP_SYS(gettid),        SCMP_SYS(sched_yield),
    SCMP_SYS(exit),          SCMP_SYS(exit_group),
};

[[noreturn]] void give_up(const char* what) {
    std::fprintf(stderr, "confine_filter: %s\n", what);
    std::exit(1);
}

class Filter {
public:
    Filter() : context_(seccomp_init(SCMP_ACT_KILL_PROCESS)) {
        if (context_ == nullptr) give_up("seccomp_init");
        // A binary tree: when the kernel loads a filter it runs the program once for each call number, which is slow
        // for a long list.
        if (seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE, 2) != 0) give_up("optimisation");
    }
    ~Filter() { seccomp_release(context_); }
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;

    void allow(int call, std::initializer_list<scmp_arg_cmp> comparisons = {}) {
        const std::vector<scmp_arg_cmp> list(comparisons);
        if (seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, static_cast<unsigned>(list.size()), list.data()) !=
            0)
            give_up("rule");
    }
    void refuse(int call, int error) {
        if (seccomp_rule_add(context_, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0) != 0) give_up("rule");
    }
    void print(const char* name) const {
        std::FILE* file = std::tmpfile();
        if (file == nullptr || seccomp_export_bpf(context_, fileno(file)) != 0) give_up("export");
        std::rewind(file);
        std::printf("static const sock_filter %s_code[] = {\n", name);
        for (sock_filter line; std::fread(&line, sizeof line, 1, file) == 1;)
            std::printf("    {0x%x, %u, %u, 0x%x},\n", line.code, line.jt, line.jf, line.k);
        std::printf("};\nconst std::span<const sock_filter> hv::%s = %s_code;\n\n", name, name);
        std::fclose(file);
    }

private:
    scmp_filter_ctx context_;
};

scmp_arg_cmp equal(unsigned argument, scmp_datum_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }
scmp_arg_cmp without(unsigned argument, scmp_datum_t bits) { return {argument, SCMP_CMP_MASKED_EQ, bits, 0}; }

void allow_common(Filter& filter) {
    for (const int call : allowed) filter.allow(call);
    for (const unsigned long request : allowed_ioctls) filter.allow(SCMP_SYS(ioctl), {equal(1, request)});
    filter.allow(SCMP_SYS(mmap), {without(2, PROT_EXEC)});
    filter.allow(SCMP_SYS(mprotect), {without(2, PROT_EXEC)});
    // Signals only to processes of this machine: interrupting the guest or a vCPU, abort(), ending the helper.
    filter.allow(SCMP_SYS(tgkill), {equal(0, hv::own_process_mark)});
    filter.allow(SCMP_SYS(tgkill), {equal(0, hv::guest_process_mark)});
    filter.allow(SCMP_SYS(kill), {equal(0, hv::helper_process_mark), equal(1, SIGKILL)});
    filter.allow(SCMP_SYS(process_vm_readv), {equal(0, hv::guest_process_mark)});
    // For the report of a guest that hangs: requests that read, none that change its registers or memory.
    for (const scmp_datum_t request :
         std::initializer_list<scmp_datum_t>{PTRACE_SEIZE, PTRACE_GETREGSET, PTRACE_DETACH})
        filter.allow(SCMP_SYS(ptrace), {equal(0, request), equal(1, hv::guest_process_mark)});
    // The disks' ring only, whose operations are restricted. New rings and registrations are refused.
    filter.allow(SCMP_SYS(io_uring_enter), {equal(0, hv::ring_mark)});
}

/// For the thread of one vCPU, in addition to the process's filter: it may run the guest, read its registers after a
/// crash, and signal one event to the loop.
void allow_vcpu(Filter& filter) {
    for (const unsigned long request : std::initializer_list<unsigned long>{KVM_RUN, KVM_GET_REGS, KVM_GET_SREGS})
        filter.allow(SCMP_SYS(ioctl), {equal(0, hv::vcpu_mark), equal(1, request)});
    filter.allow(SCMP_SYS(write), {equal(0, hv::vcpu_event_mark)});
    for (const int call : allowed_for_vcpu) filter.allow(call);
    filter.allow(SCMP_SYS(mmap), {without(2, PROT_EXEC)});
    filter.allow(SCMP_SYS(mprotect), {without(2, PROT_EXEC)});
    filter.allow(SCMP_SYS(tgkill), {equal(0, hv::own_process_mark)});
}

}  // namespace

int main() {
    std::puts("// Made by hv/core/generate/confine_filter.cpp.\n#include \"hv/core/confine_filter.h\"\n");
    {
        Filter filter;
        allow_common(filter);
        filter.print("pv_call_filter");
    }
    {
        Filter filter;
        allow_common(filter);
        for (const int call : allowed_for_threads) filter.allow(call);
        constexpr scmp_datum_t kvm_type = 0xAE00;  // KVMIO, the second byte of each KVM request
        filter.allow(SCMP_SYS(ioctl), {{1, SCMP_CMP_MASKED_EQ, 0xFF00, kvm_type}});
        filter.allow(SCMP_SYS(mincore));  // to find out which pages of the guest's RAM are resident
        filter.allow(SCMP_SYS(clone), {{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD}});
        filter.refuse(
            SCMP_SYS(clone3),
            ENOSYS);  // a filter cannot see its flags, which lie in memory; on ENOSYS the C library calls clone
        // A vCPU's thread installs its own filter.
        filter.allow(SCMP_SYS(seccomp), {equal(0, SECCOMP_SET_MODE_FILTER)});
        filter.print("kvm_call_filter");
    }
    Filter filter;
    allow_vcpu(filter);
    filter.print("vcpu_call_filter");
}
