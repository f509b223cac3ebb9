// SPDX-License-Identifier: Apache-2.0
// The filter of guest processes: which calls pass, with which arguments, in both halves of each.
#include <signal.h>

#include <catch2/catch.hpp>
#include <initializer_list>
#include <set>

#include "hv/accel/pv/stub/filter.h"
#include "tests/unit/hv/seccomp_machine.h"

namespace {

using Words = std::initializer_list<std::uint64_t>;

constexpr std::uint64_t high = 1ULL << 32;
constexpr std::uint64_t guest = tenon::abi::guest_base;
constexpr std::uint64_t word = guest + 0x0400'4000, word_end = guest + 0x0402'5000;

class Filter {
public:
    explicit Filter(bool segment_bases_by_call = false, std::uint32_t vcpus = 2) {
        hv::pv::build_filter(program_, {.first_doorbell = 4,
                                        .doorbell_count = 3,
                                        .vcpu_count = vcpus,
                                        .futex_begin = word,
                                        .futex_end = word_end,
                                        .segment_bases_by_call = segment_bases_by_call});
    }

    bool allows(int number, Words arguments = {}, std::uint32_t arch = AUDIT_ARCH_X86_64) const {
        seccomp_data data{};
        data.nr = number;
        data.arch = arch;
        std::size_t i = 0;
        for (const std::uint64_t argument : arguments) data.args[i++] = argument;
        const std::uint32_t action = hv::test::run_filter({program_.code, program_.length}, data);
        REQUIRE((action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_KILL_PROCESS));
        return action == SECCOMP_RET_ALLOW;
    }
    [[nodiscard]] std::uint16_t length() const { return program_.length; }

private:
    hv::pv::FilterProgram program_{};
};

}  // namespace

TEST_CASE("pv filter: a doorbell is a write of 8 bytes to one of its descriptors") {
    const Filter filter;
    for (const std::uint64_t fd : Words{4, 5, 6}) CHECK(filter.allows(__NR_write, {fd, guest, 8}));
    for (const std::uint64_t fd : Words{0ULL, 3ULL, 7ULL, 4 + high, ~0ULL, 0xFFFF'FFFFULL})
        CHECK_FALSE(filter.allows(__NR_write, {fd, guest, 8}));
    for (const std::uint64_t size : Words{0ULL, 7ULL, 9ULL, 4096ULL, 8 + high})
        CHECK_FALSE(filter.allows(__NR_write, {4, guest, size}));
}

TEST_CASE("pv filter: futex waits and wakes, shared only, on the words of the I/O zone") {
    const Filter filter;
    for (const std::uint64_t op : Words{FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET}) {
        for (const std::uint64_t address : Words{word, word + 4, word_end - 4})
            CHECK(filter.allows(__NR_futex, {address, op}));
        for (const std::uint64_t address :
             Words{0, 8, guest, word - 4, word_end, word + high, word - high, word - guest, 2 * guest, ~3ULL})
            CHECK_FALSE(filter.allows(__NR_futex, {address, op}));
    }
    for (std::uint64_t op = 0; op < 0x400; ++op)
        CHECK(filter.allows(__NR_futex, {word, op}) == (op == 0 || op == 1 || op == 9));
    CHECK_FALSE(filter.allows(__NR_futex, {word, high}));
    CHECK_FALSE(filter.allows(__NR_futex, {word, high + 1}));
}

TEST_CASE("pv filter: memory advice and protection inside of the guest, never executable") {
    const Filter filter;
    for (std::uint64_t advice = 0; advice < 128; ++advice)
        CHECK(filter.allows(__NR_madvise, {guest, 4096, advice}) ==
              (advice == MADV_DONTNEED || advice == MADV_PAGEOUT));
    CHECK_FALSE(filter.allows(__NR_madvise, {guest, 4096, high + MADV_DONTNEED}));
    for (std::uint64_t protection = 0; protection < 16; ++protection)
        CHECK(filter.allows(__NR_mprotect, {guest, 4096, protection}) == (protection < 4));
    for (const std::uint64_t protection : Words{high + PROT_READ, 0x0100'0000ULL, 0x0200'0000ULL})
        CHECK_FALSE(filter.allows(__NR_mprotect, {guest, 4096, protection}));
    for (const int number : {__NR_madvise, __NR_mprotect}) {
        const std::uint64_t last = number == __NR_madvise ? MADV_DONTNEED : PROT_READ;
        CHECK(filter.allows(number, {2 * guest - 4096, 4096, last}));
        for (const std::uint64_t address :
             Words{0ULL, 4096ULL, guest - 4096, 2 * guest, 0x7fff'0000'0000ULL, ~0xFFFULL})
            CHECK_FALSE(filter.allows(number, {address, 4096, last}));
    }
}

TEST_CASE("pv filter: a vCPU's timers are its own") {
    const Filter filter;
    CHECK(filter.allows(__NR_timer_settime, {0, 1, guest, 0}));
    CHECK(filter.allows(__NR_timer_settime, {1, 1, guest, 0}));
    for (const std::uint64_t timer : Words{2ULL, ~0ULL, high})
        CHECK_FALSE(filter.allows(__NR_timer_settime, {timer, 1, guest, 0}));
}

TEST_CASE("pv filter: segment bases are set by a call where the host lacks FSGSBASE, to the guest's addresses only") {
    const Filter with(true);
    const Filter without(false);
    for (const std::uint64_t code : Words{ARCH_SET_FS, ARCH_SET_GS}) {
        CHECK(with.allows(__NR_arch_prctl, {code, guest}));
        CHECK(with.allows(__NR_arch_prctl, {code, 2 * guest - 8}));
        CHECK_FALSE(without.allows(__NR_arch_prctl, {code, guest}));
        CHECK_FALSE(with.allows(__NR_arch_prctl, {code + high, guest}));
        for (const std::uint64_t address : Words{0ULL, guest - 8, 2 * guest, ~0ULL})
            CHECK_FALSE(with.allows(__NR_arch_prctl, {code, address}));
    }
    for (std::uint64_t code = 0; code < 0x4000; ++code)
        if (code != ARCH_SET_FS && code != ARCH_SET_GS) CHECK_FALSE(with.allows(__NR_arch_prctl, {code, guest}));
}

TEST_CASE("pv filter: no other number, and no other architecture") {
    const Filter filter;
    const std::set<int> known = {__NR_write,    __NR_futex,  __NR_timer_settime,  __NR_madvise,
                                 __NR_mprotect, __NR_tgkill, __NR_restart_syscall};
    const Words anything = {0, 0, 0};
    for (int number = -1; number < 1024; ++number)
        if (!known.contains(number)) CHECK_FALSE(filter.allows(number, anything));
    constexpr int x32 = 0x4000'0000;
    for (const int number : known) {
        CHECK_FALSE(filter.allows(number | x32, {4, guest, 8}));
        CHECK_FALSE(filter.allows(number, {4, guest, 8}, AUDIT_ARCH_I386));
    }
    CHECK(filter.allows(__NR_restart_syscall));
}

TEST_CASE("pv filter: the only vCPU may exit and signal nobody; one of several may interrupt the others, and stays") {
    const Filter one(false, 1), four(false, 4);
    CHECK(one.allows(__NR_exit));
    CHECK_FALSE(four.allows(__NR_exit));
    CHECK_FALSE(one.allows(__NR_tgkill, {1, 1, SIGUSR1}));
    for (const std::uint64_t thread : Words{1, 2, 3, 4}) CHECK(four.allows(__NR_tgkill, {1, thread, SIGUSR1}));
    for (const std::uint64_t thread : Words{0ULL, 5ULL, ~0ULL, 1 + high})
        CHECK_FALSE(four.allows(__NR_tgkill, {1, thread, SIGUSR1}));
    for (const std::uint64_t process : Words{0ULL, 2ULL, ~0ULL, 1 + high})
        CHECK_FALSE(four.allows(__NR_tgkill, {process, 2, SIGUSR1}));
    for (std::uint64_t signal = 0; signal < 70; ++signal)
        CHECK(four.allows(__NR_tgkill, {1, 2, signal}) == (signal == SIGUSR1));
    CHECK_FALSE(four.allows(__NR_tgkill, {1, 2, SIGUSR1 + high}));
    for (const int number : {__NR_clone, __NR_clone3, __NR_fork, __NR_kill, __NR_tkill, __NR_sigaltstack})
        CHECK_FALSE(four.allows(number, {1, 2, SIGUSR1}));
}

TEST_CASE("pv filter: it is as long as its jumps can reach") {
    CHECK(Filter(true, 32).length() < hv::pv::FilterProgram::capacity);
}
