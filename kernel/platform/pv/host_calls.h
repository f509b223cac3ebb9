// SPDX-License-Identifier: Apache-2.0
// The few system calls of the host that a pv guest may make. Any other ends the machine.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/arch/x86_64/segment_base.h"

namespace tenon::pv {

/// x86-64 Linux system call numbers (asm/unistd_64.h).
enum class HostCall : std::int64_t {
    write = 1,
    mprotect = 10,
    madvise = 28,
    exit = 60,
    arch_prctl = 158,
    futex = 202,
    timer_settime = 223,
    tgkill = 234
};

inline std::int64_t host_call(HostCall number, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0,
                              std::uint64_t d = 0, std::uint64_t e = 0, std::uint64_t f = 0) {
    std::int64_t result;
    register std::uint64_t r10 asm("r10") = d;
    register std::uint64_t r8 asm("r8") = e;
    register std::uint64_t r9 asm("r9") = f;
    asm volatile("syscall"
                 : "=a"(result)
                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

/// Only where abi::StartInfo::segment_bases_by_call says so.
inline void set_segment_base_by_call(SegmentBase base, std::uint64_t value) {
    host_call(HostCall::arch_prctl, static_cast<std::uint64_t>(base), value);
}

/// Rings a doorbell. Never blocks: the write fails if the doorbell has been rung often enough already.
inline void write_doorbell(std::uint32_t descriptor) {
    static constexpr std::uint64_t one = 1;
    host_call(HostCall::write, descriptor, reinterpret_cast<std::uint64_t>(&one), sizeof(one));
}

/// Waits while `word` is `expected`, at most until the host's CLOCK_MONOTONIC is `deadline` (ns; ~0 = for ever).
inline void futex_wait(const void* word, std::uint32_t expected, std::uint64_t deadline) {
    constexpr std::uint64_t futex_wait_bitset = 9, any_bit = 0xFFFF'FFFF;
    const std::uint64_t time[2] = {deadline / 1'000'000'000, deadline % 1'000'000'000};
    host_call(HostCall::futex, reinterpret_cast<std::uint64_t>(word), futex_wait_bitset, expected,
              deadline == ~0ULL ? 0 : reinterpret_cast<std::uint64_t>(time), 0, any_bit);
}

/// Waits for 50 us while `word` is `expected`.
inline void futex_wait_briefly(const void* word, std::uint32_t expected) {
    static constexpr std::uint64_t futex_wait_operation = 0, duration[2] = {0, 50'000};
    host_call(HostCall::futex, reinterpret_cast<std::uint64_t>(word), futex_wait_operation, expected,
              reinterpret_cast<std::uint64_t>(duration));
}

/// Wakes the vCPU that waits on `word`.
inline void futex_wake(const void* word) {
    constexpr std::uint64_t futex_wake_operation = 1;
    host_call(HostCall::futex, reinterpret_cast<std::uint64_t>(word), futex_wake_operation, 1);
}

/// Interrupts a running vCPU. The machine has a PID namespace of its own, in which vCPU n is thread n + 1 of process 1.
inline void kick_vcpu(std::uint32_t vcpu) {
    constexpr std::uint64_t process = 1, kick_signal = 10;
    host_call(HostCall::tgkill, process, vcpu + 1, kick_signal);
}

/// Sets a vCPU's one-shot timer to an absolute time of the host's CLOCK_MONOTONIC.
inline void set_host_timer(std::int32_t timer, std::uint64_t deadline) {
    constexpr std::uint64_t timer_abstime = 1;
    // struct itimerspec: interval, then value. A value of zero would stop the timer.
    const std::uint64_t setting[4] = {0, 0, deadline / 1'000'000'000,
                                      deadline % 1'000'000'000 + (deadline == 0 ? 1 : 0)};
    host_call(HostCall::timer_settime, static_cast<std::uint64_t>(timer), timer_abstime,
              reinterpret_cast<std::uint64_t>(setting), 0);
}

/// Linux's advice for whole pages (asm-generic/mman-common.h): hv's filter lets these two through.
enum class MemoryAdvice : std::uint64_t { dont_need = 4, page_out = 21 };

inline bool advise_memory(void* pages, std::uint64_t bytes, MemoryAdvice advice) {
    return host_call(HostCall::madvise, reinterpret_cast<std::uint64_t>(pages), bytes,
                     static_cast<std::uint64_t>(advice)) == 0;
}

}  // namespace tenon::pv
