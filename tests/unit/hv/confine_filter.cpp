// SPDX-License-Identifier: Apache-2.0
// hv's own filter, as the build made it: allowed and refused calls.
#include "hv/core/confine_filter.h"

#include <asm/unistd_64.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "hv/core/several_vcpus_filter.h"
#include "tests/unit/hv/seccomp_machine.h"

namespace {

bool allows(std::span<const sock_filter> filter, int number, std::initializer_list<std::uint64_t> arguments = {},
            std::uint32_t arch = AUDIT_ARCH_X86_64) {
    seccomp_data data{};
    data.nr = number;
    data.arch = arch;
    std::size_t i = 0;
    for (const std::uint64_t argument : arguments) data.args[i++] = argument;
    return hv::test::run_filter(filter, data) == SECCOMP_RET_ALLOW;
}

}  // namespace

TEST_CASE("hv's filter: the loop works, and no program, process or socket can be made") {
    for (const auto filter : {hv::pv_call_filter, hv::kvm_call_filter}) {
        for (const int number : {__NR_epoll_wait, __NR_read, __NR_write, __NR_futex, __NR_accept4, __NR_exit_group,
                                 __NR_waitid, __NR_timerfd_settime, __NR_rt_sigreturn})
            CHECK(allows(filter, number));
        for (const int number :
             {__NR_execve, __NR_execveat, __NR_fork, __NR_vfork, __NR_socket, __NR_connect, __NR_process_vm_writev,
              __NR_unshare, __NR_setns, __NR_mount, __NR_bpf, __NR_io_uring_setup, __NR_userfaultfd, __NR_kill,
              __NR_flock, __NR_setuid, __NR_chmod, __NR_prctl})
            CHECK_FALSE(allows(filter, number));
        CHECK_FALSE(allows(filter, __NR_read, {}, AUDIT_ARCH_I386));
        CHECK_FALSE(allows(filter, __NR_read | 0x4000'0000));
        CHECK(allows(filter, __NR_mmap, {0, 4096, PROT_READ | PROT_WRITE}));
        CHECK_FALSE(allows(filter, __NR_mmap, {0, 4096, PROT_READ | PROT_EXEC}));
        CHECK_FALSE(allows(filter, __NR_mprotect, {0, 4096, PROT_EXEC}));
    }
}

TEST_CASE("hv's filter: signals and memory of its own guest only") {
    const auto filter = hv::pv_call_filter;
    CHECK(allows(filter, __NR_tgkill, {hv::own_process_mark, 1, 6}));
    CHECK(allows(filter, __NR_tgkill, {hv::guest_process_mark, 1, 10}));
    CHECK_FALSE(allows(filter, __NR_tgkill, {1, 1, 9}));
    CHECK(allows(filter, __NR_process_vm_readv, {hv::guest_process_mark}));
    CHECK_FALSE(allows(filter, __NR_process_vm_readv, {hv::guest_process_mark + (1ULL << 32)}));
    // hv may read the state of a guest that hangs, and not change it.
    for (const int request : {PTRACE_SEIZE, PTRACE_GETREGSET, PTRACE_DETACH}) {
        CHECK(allows(filter, __NR_ptrace, {static_cast<std::uint64_t>(request), hv::guest_process_mark}));
        CHECK_FALSE(allows(filter, __NR_ptrace, {static_cast<std::uint64_t>(request), 1}));
    }
    for (const int request : {PTRACE_ATTACH, PTRACE_POKEDATA, PTRACE_SETREGS, PTRACE_SETREGSET, PTRACE_PEEKDATA})
        CHECK_FALSE(allows(filter, __NR_ptrace, {static_cast<std::uint64_t>(request), hv::guest_process_mark}));
    for (const int signal : {SIGKILL, SIGSTOP, SIGCONT})
        CHECK(allows(filter, __NR_pidfd_send_signal, {5, static_cast<std::uint64_t>(signal)}));
    CHECK_FALSE(allows(filter, __NR_pidfd_send_signal, {5, SIGUSR1}));
}

TEST_CASE("hv's filter: of calls with many requests only the needed ones") {
    for (const auto filter : {hv::pv_call_filter, hv::kvm_call_filter}) {
        for (const int command : {F_GETFL, F_SETFD, F_DUPFD_CLOEXEC})
            CHECK(allows(filter, __NR_fcntl, {5, static_cast<std::uint64_t>(command)}));
        for (const int command : {F_SETOWN, F_SETOWN_EX, F_SETSIG, F_SETLEASE, F_NOTIFY, F_SETFL, F_DUPFD, F_SETLK,
                                  F_OFD_SETLK, F_ADD_SEALS, F_SETPIPE_SZ})
            CHECK_FALSE(allows(filter, __NR_fcntl, {5, static_cast<std::uint64_t>(command)}));
        for (const int request : {TCGETS, TCSETS, TCSETSW, TCSETSF})
            CHECK(allows(filter, __NR_ioctl, {0, static_cast<std::uint64_t>(request)}));
        for (const int request : {TIOCSTI, TIOCSCTTY, TIOCLINUX, FIOASYNC, FIOSETOWN, SIOCSPGRP})
            CHECK_FALSE(allows(filter, __NR_ioctl, {0, static_cast<std::uint64_t>(request)}));
        CHECK(allows(filter, __NR_ftruncate, {hv::core_file_mark, 4096}));
        CHECK_FALSE(allows(filter, __NR_ftruncate, {5, 0}));
        CHECK(allows(filter, __NR_fallocate, {5, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE}));
        CHECK_FALSE(allows(filter, __NR_fallocate, {5, FALLOC_FL_COLLAPSE_RANGE}));
        CHECK(allows(filter, __NR_pwritev2, {5, 0, 1, 0, 0, RWF_DSYNC}));
        CHECK_FALSE(allows(filter, __NR_pwritev2, {5, 0, 1, 0, 0, 0x20}));  // RWF_NOAPPEND
    }
}

TEST_CASE("hv's filter: KVM on kvm only, and no more of it than to run a machine") {
    using Requests = std::initializer_list<std::uint64_t>;
    for (const std::uint64_t request : Requests{KVM_RUN, KVM_GET_REGS, KVM_GET_SREGS}) {
        CHECK_FALSE(allows(hv::pv_call_filter, __NR_ioctl, {5, request}));
        CHECK(allows(hv::kvm_call_filter, __NR_ioctl, {5, request}));
    }
    for (const std::uint64_t request :
         Requests{KVM_CREATE_VM, KVM_CREATE_VCPU, KVM_SET_USER_MEMORY_REGION, KVM_SET_REGS})
        CHECK_FALSE(allows(hv::kvm_call_filter, __NR_ioctl, {5, request}));
    // Threads are made before.
    constexpr std::uint64_t thread = 0x0001'0000;
    for (const auto filter : {hv::pv_call_filter, hv::kvm_call_filter}) {
        CHECK_FALSE(allows(filter, __NR_clone, {thread}));
        for (const int number : {__NR_clone3, __NR_rseq, __NR_membarrier, __NR_set_robust_list, __NR_eventfd2})
            CHECK_FALSE(allows(filter, number, {}));
    }
    CHECK_FALSE(allows(hv::pv_call_filter, __NR_seccomp, {SECCOMP_SET_MODE_FILTER}));
    CHECK(allows(hv::kvm_call_filter, __NR_seccomp, {SECCOMP_SET_MODE_FILTER}));
}

TEST_CASE("hv's filter: one ring may be entered, and none made or changed") {
    for (const auto filter : {hv::pv_call_filter, hv::kvm_call_filter}) {
        CHECK(allows(filter, __NR_io_uring_enter, {hv::ring_mark}));
        CHECK_FALSE(allows(filter, __NR_io_uring_enter, {5}));
        CHECK_FALSE(allows(filter, __NR_io_uring_enter, {hv::ring_mark + (1ULL << 32)}));
        CHECK_FALSE(allows(filter, __NR_io_uring_register, {hv::ring_mark}));
    }
}

TEST_CASE("hv's filter: only threads of the machine are bound to CPUs") {
    for (const auto filter : {hv::pv_call_filter, hv::kvm_call_filter}) {
        for (const std::uint32_t thread : {hv::own_process_mark, hv::vcpu_thread_mark})
            CHECK(allows(filter, __NR_sched_setaffinity, {thread}));
        for (const std::uint64_t thread :
             std::initializer_list<std::uint64_t>{0, 1, hv::vcpu_thread_mark + (1ULL << 32)})
            CHECK_FALSE(allows(filter, __NR_sched_setaffinity, {thread}));
    }
    CHECK_FALSE(allows(hv::vcpu_call_filter, __NR_sched_setaffinity, {hv::own_process_mark}));
}

TEST_CASE("hv's filter: with several vCPUs, each one's thread may be bound and examined, and nothing else is added") {
    const std::array<pid_t, 3> threads{1000, 1001, 77777};
    std::vector<sock_filter> filter = hv::several_vcpus_filter(threads);
    filter.insert(filter.end(), hv::pv_call_filter.begin(), hv::pv_call_filter.end());
    for (const std::uint64_t thread : std::initializer_list<std::uint64_t>{1000, 1001, 77777, hv::own_process_mark}) {
        CHECK(allows(filter, __NR_sched_setaffinity, {thread}));
        CHECK_FALSE(allows(filter, __NR_sched_setaffinity, {thread + (1ULL << 32)}));
    }
    for (const std::uint64_t thread : std::initializer_list<std::uint64_t>{0, 999, 1002, 77776})
        CHECK_FALSE(allows(filter, __NR_sched_setaffinity, {thread}));
    for (const std::uint64_t request :
         std::initializer_list<std::uint64_t>{PTRACE_SEIZE, PTRACE_GETREGSET, PTRACE_DETACH}) {
        CHECK(allows(filter, __NR_ptrace, {request, 77777}));
        CHECK(allows(filter, __NR_ptrace, {request, hv::guest_process_mark}));
        CHECK_FALSE(allows(filter, __NR_ptrace, {request, 1002}));
        CHECK_FALSE(allows(filter, __NR_ptrace, {request + (1ULL << 32), 1000}));
    }
    for (const std::uint64_t request : std::initializer_list<std::uint64_t>{PTRACE_POKEDATA, PTRACE_SETREGS})
        CHECK_FALSE(allows(filter, __NR_ptrace, {request, 1000}));
    for (int number = 0; number < 500; ++number)
        if (number != __NR_sched_setaffinity && number != __NR_ptrace)
            CHECK(allows(filter, number, {1000, 1000}) == allows(hv::pv_call_filter, number, {1000, 1000}));
}
