// SPDX-License-Identifier: Apache-2.0
// Filter code for the threads of several vCPUs.
#include "hv/core/several_vcpus_filter.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace hv {

namespace {

/// Code of which every check that fails jumps to its end.
class Part {
public:
    void load(std::size_t offset) { emit(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
    /// The accumulator is one of `values`.
    template <typename Values>
    void expect_one_of(const Values& values) {
        std::size_t left = std::size(values);
        for (const auto value : values) {
            --left;
            emit(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(value), static_cast<std::uint8_t>(left),
                 left == 0 ? to_end : 0);
        }
    }
    void expect(std::uint32_t value) { expect_one_of(std::initializer_list<std::uint32_t>{value}); }
    /// Checks that the argument is below 2^32, and loads it.
    void small_argument(std::size_t index) {
        const std::size_t offset = offsetof(seccomp_data, args) + 8 * index;
        load(offset + 4);
        expect(0);
        load(offset);
    }
    [[nodiscard]] std::vector<sock_filter> end() {
        emit(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        for (std::size_t i = 0; i < code_.size(); ++i)
            if (code_[i].jf == to_end) code_[i].jf = static_cast<std::uint8_t>(code_.size() - i - 1);
        return std::move(code_);
    }

private:
    static constexpr std::uint8_t to_end = 0xff;  // a placeholder, larger than any real jump

    void emit(std::uint16_t operation, std::uint32_t k, std::uint8_t jt = 0, std::uint8_t jf = 0) {
        code_.push_back({operation, jt, jf, k});
    }
    std::vector<sock_filter> code_;
};

Part call(std::uint32_t number) {
    Part part;
    part.load(offsetof(seccomp_data, arch));
    part.expect(AUDIT_ARCH_X86_64);
    part.load(offsetof(seccomp_data, nr));
    part.expect(number);
    return part;
}

}  // namespace

std::vector<sock_filter> several_vcpus_filter(std::span<const pid_t> threads) {
    Part bind = call(SYS_sched_setaffinity);
    bind.small_argument(0);
    bind.expect_one_of(threads);
    std::vector<sock_filter> code = bind.end();

    Part examine = call(SYS_ptrace);
    examine.small_argument(0);
    examine.expect_one_of(std::initializer_list<std::uint32_t>{PTRACE_SEIZE, PTRACE_GETREGSET, PTRACE_DETACH});
    examine.small_argument(1);
    examine.expect_one_of(threads);
    const std::vector<sock_filter> second = examine.end();
    code.insert(code.end(), second.begin(), second.end());
    return code;
}

}  // namespace hv
