// SPDX-License-Identifier: Apache-2.0
// Run by the build: writes hv's seccomp filters, made by libseccomp, as C++ to standard output.
#include "hv/core/confine_filter.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/if_tun.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <vector>

namespace {

// What hv calls while a guest runs, whatever the arguments. Landlock restricts names of files to the machine's
// directory.
constexpr int allowed[] = {
    // The event loop, and descriptors that are open already.
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(poll),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(readv),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(close),
    // Disks where there is no io_uring.
    SCMP_SYS(preadv),
    SCMP_SYS(pwritev),
    SCMP_SYS(fdatasync),
    // The control socket, the agent's, and the network helper. No socket can be made or connected; the agent's is bound
    // when an agent appears.
    SCMP_SYS(accept4),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    // Files of this machine, and the removal of its directory and cgroup.
    SCMP_SYS(openat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(getdents64),
    SCMP_SYS(statfs),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(rmdir),
    SCMP_SYS(rename),
    // Memory: see also mmap and mprotect below.
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    // Futexes, children's ends, signals to itself, time, random numbers, the end.
    SCMP_SYS(futex),
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

/// Requests of a call that has many, most of which hv must not make: fcntl could send signals to others (F_SETOWN,
/// F_SETSIG) or let a log be overwritten (F_SETFL), ioctl could type into a terminal (TIOCSTI).
struct Requests {
    int call;
    unsigned argument;  ///< its index
    std::initializer_list<scmp_datum_t> allowed;
};
constexpr scmp_datum_t punching = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
constexpr scmp_datum_t zeroing = FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE;
const Requests common_requests[] = {
    {SCMP_SYS(fcntl), 1, {F_GETFL, F_SETFD, F_DUPFD_CLOEXEC}},
    // A terminal's settings; and a TAP interface's, when the guest has accepted its offloads.
    {SCMP_SYS(ioctl), 1, {TCGETS, TCSETS, TCSETSW, TCSETSF, TUNSETOFFLOAD}},
    {SCMP_SYS(fallocate), 1, {punching, zeroing}},
    {SCMP_SYS(pwritev2), 5, {RWF_DSYNC}},
    // Landlock and the lack of other descriptors of processes leave only those of this machine.
    {SCMP_SYS(pidfd_send_signal), 1, {SIGKILL, SIGSTOP, SIGCONT}},
};
/// The vCPUs' threads are made before. They run the guest; the loop's thread reads registers for a report, and looks
/// which pages of the guest's RAM are resident.
const Requests kvm_requests[] = {
    {SCMP_SYS(ioctl), 1, {KVM_RUN, KVM_GET_REGS, KVM_GET_SREGS}},
    // Their threads install filters of their own, on top of this one.
    {SCMP_SYS(seccomp), 0, {SECCOMP_SET_MODE_FILTER}},
};
constexpr int allowed_for_kvm[] = {SCMP_SYS(sched_yield), SCMP_SYS(mincore)};

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
    void allow(const Requests& requests) {
        for (const scmp_datum_t request : requests.allowed)
            allow(requests.call, {{requests.argument, SCMP_CMP_EQ, request, 0}});
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
    for (const Requests& requests : common_requests) filter.allow(requests);
    filter.allow(SCMP_SYS(mmap), {without(2, PROT_EXEC)});
    filter.allow(SCMP_SYS(mprotect), {without(2, PROT_EXEC)});
    filter.allow(SCMP_SYS(ftruncate), {equal(0, hv::core_file_mark)});
    // Signals only to processes of this machine: interrupting the guest or a vCPU, abort().
    filter.allow(SCMP_SYS(tgkill), {equal(0, hv::own_process_mark)});
    filter.allow(SCMP_SYS(tgkill), {equal(0, hv::guest_process_mark)});
    filter.allow(SCMP_SYS(process_vm_readv), {equal(0, hv::guest_process_mark)});
    // Binding its own threads to CPUs, and none of other machines.
    for (const std::uint32_t thread : {hv::own_process_mark, hv::vcpu_thread_mark})
        filter.allow(SCMP_SYS(sched_setaffinity), {equal(0, thread)});
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
        for (const int call : allowed_for_kvm) filter.allow(call);
        for (const Requests& requests : kvm_requests) filter.allow(requests);
        filter.print("kvm_call_filter");
    }
    Filter filter;
    allow_vcpu(filter);
    filter.print("vcpu_call_filter");
}
