// SPDX-License-Identifier: Apache-2.0
// The seccomp filter of a guest process: the system calls that guest code may make.
//
// Freestanding, because the stub builds the program at run time; without system calls, so that a unit test can build
// and run it.
#pragma once

#include <asm/prctl.h>
#include <asm/unistd_64.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>

#include "hypercall/layout.h"

namespace hv::pv {

struct FilterProgram {
    static constexpr std::uint32_t capacity = 112;
    sock_filter code[capacity];
    std::uint16_t length;
};

/// Both halves of 64-bit arguments are compared: comparing only the lower one would let fd + 2^32 pass.
class FilterBuilder {
public:
    explicit FilterBuilder(FilterProgram& program) : program_(program) { program_.length = 0; }

    void begin() {
        load(offsetof(
            seccomp_data,
            arch));  // excludes int 0x80, which has another architecture; x32 calls have bit 30 set in the number
        expect_equal(AUDIT_ARCH_X86_64);
        load(offsetof(seccomp_data, nr));
    }
    void begin_call(std::uint32_t number) {
        call_ = program_.length;
        emit(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 0);
    }
    void end_call() {
        emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
        program_.code[call_].jf = static_cast<std::uint8_t>(program_.length - call_ - 1);
    }
    void end() {
        for (std::uint16_t i = 0; i < program_.length; ++i) {
            sock_filter& instruction = program_.code[i];
            const auto distance = static_cast<std::uint8_t>(program_.length - i - 1);
            if (instruction.jt == to_kill) instruction.jt = distance;
            if (instruction.jf == to_kill) instruction.jf = distance;
        }
        emit(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
    }

    /// Checks that the argument is below 2^32, and loads it.
    void small_argument(std::uint32_t index) {
        high_half(index);
        expect_equal(0);
        load(argument(index));
    }
    /// Checks that the argument lies in the guest's address space, the second TiB.
    void guest_address(std::uint32_t index) {
        constexpr std::uint32_t base = tenon::abi::guest_base >> 32;
        high_half(index);
        expect_range(base, 2 * base);
    }
    /// The argument lies in [begin, end), which does not cross a multiple of 2^32.
    void address_within(std::uint32_t index, std::uint64_t begin, std::uint64_t end) {
        high_half(index);
        expect_equal(static_cast<std::uint32_t>(begin >> 32));
        load(argument(index));
        expect_range(static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end));
    }
    void expect_equal(std::uint32_t value) { emit(BPF_JMP | BPF_JEQ | BPF_K, value, 0, to_kill); }
    void expect_range(std::uint32_t first, std::uint32_t end) {
        emit(BPF_JMP | BPF_JGE | BPF_K, first, 0, to_kill);
        emit(BPF_JMP | BPF_JGE | BPF_K, end, to_kill, 0);
    }
    void expect_no_bits(std::uint32_t bits) { emit(BPF_JMP | BPF_JSET | BPF_K, bits, to_kill, 0); }
    template <typename... Others>
    void expect_either(std::uint32_t last, Others... others) {
        auto left = static_cast<std::uint8_t>(sizeof...(others));
        (emit(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(others), left--, 0), ...);
        expect_equal(last);
    }

private:
    static constexpr std::uint8_t to_kill = 0xff;  // a placeholder until end(), larger than any real jump

    static constexpr std::uint32_t argument(std::uint32_t index) {
        return static_cast<std::uint32_t>(offsetof(seccomp_data, args)) + 8 * index;
    }
    void high_half(std::uint32_t index) { load(argument(index) + 4); }
    void load(std::uint32_t offset) { emit(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0); }
    void emit(std::uint16_t code, std::uint32_t k, std::uint8_t jt, std::uint8_t jf) {
        program_.code[program_.length++] = {code, jt, jf, k};
    }

    FilterProgram& program_;
    std::uint16_t call_ = 0;
};

/// SIGUSR1 (asm/signal.h), by which a vCPU is interrupted.
inline constexpr std::uint32_t kick_signal = 10;

struct FilterParameters {
    std::uint32_t first_doorbell;
    std::uint32_t doorbell_count;
    std::uint32_t vcpu_count;  ///< vCPU n is thread n + 1 of process 1, and has the POSIX timer n
    /// Guest-virtual range of the words on which guest and hv wait for each other; both ends lie in the same 4 GiB.
    std::uint64_t futex_begin, futex_end;
    bool segment_bases_by_call;  ///< the host lacks FSGSBASE
};

/// rt_sigreturn is not allowed: the guest leaves a signal handler by loading the registers itself. The kernel's code
/// that restores a context from a frame, which a guest could forge, is thus out of its reach.
inline void build_filter(FilterProgram& program, const FilterParameters& parameters) {
    FilterBuilder filter(program);
    filter.begin();

    filter.begin_call(__NR_write);  // a doorbell is 8 bytes
    filter.small_argument(2);
    filter.expect_equal(8);
    filter.small_argument(0);
    filter.expect_range(parameters.first_doorbell, parameters.first_doorbell + parameters.doorbell_count);
    filter.end_call();

    // Only plain operations on shared futexes, on which hv waits and wakes too: no requeueing, no priority inheritance.
    // The kernel identifies a shared futex by file and offset: one in an image's text, which all its machines map from
    // one file, would reach other machines. Only words of the I/O zone are allowed, whose file belongs to this machine.
    filter.begin_call(__NR_futex);
    filter.address_within(0, parameters.futex_begin, parameters.futex_end);
    filter.small_argument(1);
    filter.expect_either(FUTEX_WAIT_BITSET, FUTEX_WAKE, FUTEX_WAIT);
    filter.end_call();

    filter.begin_call(__NR_timer_settime);
    filter.small_argument(0);
    filter.expect_range(0, parameters.vcpu_count);
    filter.end_call();

    // A vCPU interrupts another one that runs. In the process's own PID namespace, which holds its threads only.
    if (parameters.vcpu_count > 1) {
        filter.begin_call(__NR_tgkill);
        filter.small_argument(0);
        filter.expect_equal(1);
        filter.small_argument(1);
        filter.expect_range(1, 1 + parameters.vcpu_count);
        filter.small_argument(2);
        filter.expect_equal(kick_signal);
        filter.end_call();
    }

    filter.begin_call(__NR_madvise);
    filter.guest_address(0);
    filter.small_argument(2);
    filter.expect_either(MADV_DONTNEED, MADV_PAGEOUT);
    filter.end_call();

    // For guard pages. No memory can become executable.
    filter.begin_call(__NR_mprotect);
    filter.guest_address(0);
    filter.small_argument(2);
    filter.expect_no_bits(~static_cast<std::uint32_t>(PROT_READ | PROT_WRITE));
    filter.end_call();

    // Where there are instructions for it, the call is not needed.
    if (parameters.segment_bases_by_call) {
        filter.begin_call(__NR_arch_prctl);
        filter.guest_address(1);
        filter.small_argument(0);
        filter.expect_either(ARCH_SET_FS, ARCH_SET_GS);
        filter.end_call();
    }

    // The kernel makes this call when a futex wait with a timeout is stopped and continued.
    filter.begin_call(__NR_restart_syscall);
    filter.end_call();
    // The only thread ends the process with itself. One of several must not: hv knows them by their ids, which the host
    // would give to other threads.
    if (parameters.vcpu_count == 1) {
        filter.begin_call(__NR_exit);
        filter.end_call();
    }
    filter.end();
}

}  // namespace hv::pv
