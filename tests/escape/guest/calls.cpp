// SPDX-License-Identifier: Apache-2.0
// System calls that a guest must not reach.
#include <asm/unistd_64.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/sched.h>

#include "tests/escape/guest/guest.h"

namespace escape {

namespace {

constexpr std::uint64_t high = 1ULL << 32;
constexpr int x32 = 0x4000'0000;
constexpr int nr_mseal = 462, nr_futex_wait = 455;

constexpr char path[] = "/etc/passwd";
std::uint64_t words[64];

std::uint64_t text() { return reinterpret_cast<std::uint64_t>(&escape_some_code) & ~0xFFFULL; }
/// On which futexes are allowed.
std::uint64_t word() { return reinterpret_cast<std::uint64_t>(&events()); }
std::uint64_t data() { return reinterpret_cast<std::uint64_t>(&escape_data_page); }

/// int 0x80 takes its arguments in the lower halves of registers; the string would have to lie below 4 GiB.
void old_gate(std::uint32_t number) {
    std::uint64_t result = number;
    asm volatile("int $0x80" : "+a"(result) : "b"(0), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
}

/// time() in the page that the kernel maps at the top of every process.
void vsyscall() {
    std::uint64_t result;
    asm volatile("call *%1" : "=a"(result) : "r"(0xffff'ffff'ff60'0400ULL), "D"(0) : "memory", "rcx", "r11");
}

/// The stub's own code is still there. Running it again meets the filter.
void run_stub() { asm volatile("jmp *%0" : : "r"(*reinterpret_cast<const std::uint64_t*>(stub + 24)) : "memory"); }

template <int number, typename... Arguments>
void call(Arguments... arguments) {
    system_call(number, arguments...);
}

}  // namespace

#define FORBIDDEN(name, ...)                         \
    {                                                \
        name, Expect::forbidden, [] { __VA_ARGS__; } \
    }
#define BLOCKED(name, ...)                         \
    {                                              \
        name, Expect::blocked, [] { __VA_ARGS__; } \
    }

const Case call_cases[] = {
    // Files, sockets, programs, processes.
    FORBIDDEN("open", call<__NR_open>(path, 0)),
    FORBIDDEN("openat", call<__NR_openat>(-100, path, 0)),
    FORBIDDEN("openat2", call<__NR_openat2>(-100, path, words, 24)),
    FORBIDDEN("read", call<__NR_read>(4, words, 8)),
    FORBIDDEN("close", call<__NR_close>(4)),
    FORBIDDEN("dup", call<__NR_dup>(4)),
    FORBIDDEN("fcntl", call<__NR_fcntl>(4, 0, 0)),
    FORBIDDEN("ioctl", call<__NR_ioctl>(4, 0x5401, words)),
    FORBIDDEN("socket", call<__NR_socket>(1, 1, 0)),
    FORBIDDEN("execve", call<__NR_execve>(path, words, words)),
    FORBIDDEN("execveat", call<__NR_execveat>(4, "", words, words, 0x1000)),
    FORBIDDEN("fork", call<__NR_fork>()),
    FORBIDDEN("vfork", call<__NR_vfork>()),
    FORBIDDEN("clone_thread", call<__NR_clone>(CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, &words[60], 0, 0, 0)),
    FORBIDDEN("clone3", call<__NR_clone3>(words, 64)),
    FORBIDDEN("ptrace", call<__NR_ptrace>(16, 1, 0, 0)),
    FORBIDDEN("process_vm_readv", call<__NR_process_vm_readv>(1, words, 1, words, 1, 0)),
    FORBIDDEN("process_vm_writev", call<__NR_process_vm_writev>(1, words, 1, words, 1, 0)),
    FORBIDDEN("kill", call<__NR_kill>(-1, 9)),
    FORBIDDEN("tgkill", call<__NR_tgkill>(1, 1, 9)),
    FORBIDDEN("tkill", call<__NR_tkill>(1, 9)),
    FORBIDDEN("rt_sigqueueinfo", call<__NR_rt_sigqueueinfo>(1, 9, words)),
    FORBIDDEN("pidfd_open", call<__NR_pidfd_open>(1, 0)),
    FORBIDDEN("pidfd_send_signal", call<__NR_pidfd_send_signal>(4, 9, 0, 0)),
    FORBIDDEN("pidfd_getfd", call<__NR_pidfd_getfd>(4, 0, 0)),
    FORBIDDEN("unshare", call<__NR_unshare>(CLONE_NEWNS)),
    FORBIDDEN("setns", call<__NR_setns>(4, 0)),
    FORBIDDEN("mount", call<__NR_mount>(path, path, path, 0, 0)),
    FORBIDDEN("chroot", call<__NR_chroot>(path)),
    FORBIDDEN("exit_group", call<__NR_exit_group>(0)),

    // Memory.
    FORBIDDEN("mmap_rwx", call<__NR_mmap>(0, 4096, 7, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
    FORBIDDEN("mmap_read", call<__NR_mmap>(0, 4096, 1, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
    FORBIDDEN("munmap", call<__NR_munmap>(data(), 4096)),
    FORBIDDEN("mremap", call<__NR_mremap>(data(), 4096, 8192, 1, 0)),
    FORBIDDEN("brk", call<__NR_brk>(0)),
    FORBIDDEN("mprotect_text_write_execute", call<__NR_mprotect>(text(), 4096, 7)),
    FORBIDDEN("mprotect_data_execute", call<__NR_mprotect>(data(), 4096, 5)),
    FORBIDDEN("mprotect_execute_only", call<__NR_mprotect>(data(), 4096, 4)),
    FORBIDDEN("mprotect_high_half", call<__NR_mprotect>(data(), 4096, high + 1)),
    FORBIDDEN("mprotect_grows_down", call<__NR_mprotect>(data(), 4096, 0x0100'0001)),
    FORBIDDEN("mprotect_stub", call<__NR_mprotect>(stub, 4096, 3)),
    FORBIDDEN("mprotect_low", call<__NR_mprotect>(0x10000, 4096, 3)),
    FORBIDDEN("pkey_mprotect", call<__NR_pkey_mprotect>(data(), 4096, 7, -1)),
    FORBIDDEN("madvise_free", call<__NR_madvise>(data(), 4096, MADV_FREE)),
    FORBIDDEN("madvise_remove", call<__NR_madvise>(data(), 4096, MADV_REMOVE)),
    FORBIDDEN("madvise_mergeable", call<__NR_madvise>(data(), 4096, MADV_MERGEABLE)),
    FORBIDDEN("madvise_high_half", call<__NR_madvise>(data(), 4096, high + MADV_DONTNEED)),
    FORBIDDEN("madvise_stub", call<__NR_madvise>(stub, 4096, MADV_DONTNEED)),
    FORBIDDEN("process_madvise", call<__NR_process_madvise>(4, words, 1, MADV_DONTNEED, 0)),
    FORBIDDEN("mseal", call<nr_mseal>(data(), 4096, 0)),
    FORBIDDEN("remap_file_pages", call<__NR_remap_file_pages>(data(), 4096, 0, 0, 0)),

    // Doors to large parts of the kernel.
    FORBIDDEN("io_uring_setup", call<__NR_io_uring_setup>(8, words)),
    FORBIDDEN("bpf", call<__NR_bpf>(0, words, 64)),
    FORBIDDEN("perf_event_open", call<__NR_perf_event_open>(words, 0, -1, -1, 0)),
    FORBIDDEN("userfaultfd", call<__NR_userfaultfd>(1)),
    FORBIDDEN("memfd_create", call<__NR_memfd_create>(path, 0)),
    FORBIDDEN("eventfd2", call<__NR_eventfd2>(0, 0)),

    // Other gates: their numbers and architectures are not those that the filter lets through. A kernel without 32-bit
    // programs has no gate of interrupt 0x80.
    BLOCKED("int80_open", old_gate(5)),
    BLOCKED("int80_exit", old_gate(1)),
    BLOCKED("int80_write", old_gate(4)),
    FORBIDDEN("x32_open", call<x32 | 2>(path, 0)),
    FORBIDDEN("x32_write", call<x32 | 1>(4, words, 8)),
    FORBIDDEN("x32_rt_sigreturn", call<x32 | 513>()),
    FORBIDDEN("x32_number_513", call<513>()),
    FORBIDDEN("number_minus_1", call<-1>()),
    {"vsyscall_time", Expect::blocked, vsyscall},
    FORBIDDEN("run_stub_again", run_stub()),

    // Allowed calls with arguments that are not.
    FORBIDDEN("write_fd_0", call<__NR_write>(0, words, 8)),
    FORBIDDEN("write_fd_3", call<__NR_write>(3, words, 8)),
    FORBIDDEN("write_fd_beyond", call<__NR_write>(100, words, 8)),
    FORBIDDEN("write_fd_high_half", call<__NR_write>(4 + high, words, 8)),
    FORBIDDEN("write_fd_negative", call<__NR_write>(-1, words, 8)),
    FORBIDDEN("write_long", call<__NR_write>(4, words, 4096)),
    FORBIDDEN("write_empty", call<__NR_write>(4, words, 0)),
    FORBIDDEN("write_size_high_half", call<__NR_write>(4, words, 8 + high)),
    FORBIDDEN("writev", call<__NR_writev>(4, words, 1)),
    FORBIDDEN("pwrite64", call<__NR_pwrite64>(4, words, 8, 0)),
    FORBIDDEN("futex_lock_pi", call<__NR_futex>(word(), FUTEX_LOCK_PI, 0, 0, 0, 0)),
    FORBIDDEN("futex_trylock_pi", call<__NR_futex>(word(), FUTEX_TRYLOCK_PI, 0, 0, 0, 0)),
    FORBIDDEN("futex_wait_requeue_pi", call<__NR_futex>(word(), FUTEX_WAIT_REQUEUE_PI, 0, 0, &words[8], 0)),
    FORBIDDEN("futex_cmp_requeue_pi", call<__NR_futex>(word(), FUTEX_CMP_REQUEUE_PI, 1, 0, &words[8], 0)),
    FORBIDDEN("futex_requeue", call<__NR_futex>(word(), FUTEX_REQUEUE, 1, 1, &words[8], 0)),
    FORBIDDEN("futex_wake_op", call<__NR_futex>(word(), FUTEX_WAKE_OP, 1, 1, &words[8], 0)),
    FORBIDDEN("futex_wake_bitset", call<__NR_futex>(word(), FUTEX_WAKE_BITSET, 1, 0, 0, ~0U)),
    FORBIDDEN("futex_private", call<__NR_futex>(word(), FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, 0, 0, 0)),
    FORBIDDEN("futex_realtime", call<__NR_futex>(word(), FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, 0, 0, ~0U)),
    FORBIDDEN("futex_operation_high_half", call<__NR_futex>(word(), high, 1, 0, 0, 0)),
    // The image's pages are the same ones in all its machines: a futex there would be theirs, too.
    FORBIDDEN("futex_wake_text", call<__NR_futex>(text(), FUTEX_WAKE, 1, 0, 0, 0)),
    FORBIDDEN("futex_wait_text", call<__NR_futex>(text(), FUTEX_WAIT, 0, 0, 0, 0)),
    FORBIDDEN("futex_wait_bitset_text", call<__NR_futex>(text(), FUTEX_WAIT_BITSET, 0, 0, 0, ~0U)),
    FORBIDDEN("futex_wake_data", call<__NR_futex>(data(), FUTEX_WAKE, 1, 0, 0, 0)),
    FORBIDDEN("futex_wake_stack", call<__NR_futex>(words, FUTEX_WAKE, 1, 0, 0, 0)),
    FORBIDDEN("futex_wake_stub", call<__NR_futex>(stub, FUTEX_WAKE, 1, 0, 0, 0)),
    FORBIDDEN("futex_wake_hv_page", call<__NR_futex>(word() - 4, FUTEX_WAKE, 1, 0, 0, 0)),
    FORBIDDEN("futex_wake_buffers",
              call<__NR_futex>(&zone_at<std::uint32_t>(tenon::abi::io_zone::buffers), FUTEX_WAKE, 1, 0, 0, 0)),
    FORBIDDEN("futex_wake_kernel", call<__NR_futex>(kernel_text, FUTEX_WAKE, 1, 0, 0, 0)),
    FORBIDDEN("futex_wake_null", call<__NR_futex>(0, FUTEX_WAKE, 1, 0, 0, 0)),
    FORBIDDEN("futex_waitv", call<__NR_futex_waitv>(words, 1, 0, 0, 0)),
    FORBIDDEN("futex_wait_of_6.7", call<nr_futex_wait>(words, 0, 1, 2, 0, 0)),
    FORBIDDEN("timer_settime_other", call<__NR_timer_settime>(1, 0, words, 0)),
    FORBIDDEN("timer_settime_high_half", call<__NR_timer_settime>(high, 0, words, 0)),
    FORBIDDEN("timer_create", call<__NR_timer_create>(1, 0, words)),
    FORBIDDEN("timer_delete", call<__NR_timer_delete>(0)),
    FORBIDDEN("timer_gettime", call<__NR_timer_gettime>(0, words)),

    // Its own process.
    FORBIDDEN("rt_sigreturn", call<__NR_rt_sigreturn>()),
    FORBIDDEN("rt_sigaction", call<__NR_rt_sigaction>(11, words, 0, 8)),
    FORBIDDEN("rt_sigprocmask", call<__NR_rt_sigprocmask>(2, words, 0, 8)),
    FORBIDDEN("sigaltstack", call<__NR_sigaltstack>(words, 0)),
    FORBIDDEN("prctl", call<__NR_prctl>(4, 1, 0, 0, 0)),
    FORBIDDEN("arch_prctl", call<__NR_arch_prctl>(0x1002, 0)),
    FORBIDDEN("seccomp", call<__NR_seccomp>(1, 0, words)),
    FORBIDDEN("modify_ldt", call<__NR_modify_ldt>(1, words, 16)),
    FORBIDDEN("set_thread_area", call<__NR_set_thread_area>(words)),
    FORBIDDEN("set_tid_address", call<__NR_set_tid_address>(words)),
    FORBIDDEN("set_robust_list", call<__NR_set_robust_list>(words, 24)),
    FORBIDDEN("rseq", call<__NR_rseq>(words, 32, 0, 0)),
    FORBIDDEN("personality", call<__NR_personality>(0x400000)),
    FORBIDDEN("iopl", call<__NR_iopl>(3)),
    FORBIDDEN("ioperm", call<__NR_ioperm>(0, 1024, 1)),
    FORBIDDEN("setrlimit", call<__NR_setrlimit>(7, words)),
    FORBIDDEN("sched_setaffinity", call<__NR_sched_setaffinity>(0, 8, words)),
    FORBIDDEN("getpid", call<__NR_getpid>()),
    FORBIDDEN("nanosleep", call<__NR_nanosleep>(words, 0)),
    FORBIDDEN("clock_gettime", call<__NR_clock_gettime>(1, words)),

    {"exit", Expect::leaves, [] { call<__NR_exit>(0); }},
    {nullptr, Expect::harmless, nullptr},
};

}  // namespace escape
