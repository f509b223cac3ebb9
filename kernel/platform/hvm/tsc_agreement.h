// SPDX-License-Identifier: Apache-2.0
// Agreement of a starting vCPU's TSC with the first one's (Cristian, "Probabilistic clock synchronization", 1989).
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/cpuid.h"
#include "kernel/arch/x86_64/system_registers.h"
#include "kernel/platform/platform.h"

namespace tenon::hvm {

/// The first vCPU asks several times for the other's TSC; the answer that came fastest tells the difference, at most by
/// half the time that it took. A difference beyond that is taken away by IA32_TSC_ADJUST, where the processor has it.
/// Without it, the clock's rule remains that no reading lies before an earlier one.
class TscAgreement {
public:
    /// On the first vCPU, once it has had the other started. Gives up if that does not answer.
    void compare() {
        const Nanoseconds end = platform().read_clock() + patience;
        std::uint64_t fastest = ~0ULL;
        std::int64_t difference = 0;
        for (std::uint32_t round = 1; round <= rounds; ++round) {
            const std::uint64_t before = read_tsc();
            question_.store(round);
            while (answer_.load() != round)
                if (platform().read_clock() > end) return;
            const std::uint64_t duration = read_tsc() - before;
            if (duration >= fastest) continue;
            fastest = duration;
            difference = static_cast<std::int64_t>(tsc_ - (before + duration / 2));
        }
        const auto error = static_cast<std::int64_t>(fastest / 2);
        difference_ = difference < -error || difference > error ? difference : 0;
        answer_.store(0);
        question_.store(all_asked);
    }

    /// On the other one.
    void agree() {
        for (std::uint32_t question; (question = question_.load()) != all_asked; cpu_relax()) {
            if (question == answer_.load()) continue;
            tsc_ = read_tsc();
            answer_.store(question);
        }
        if (difference_ != 0 && has_cpuid_bit(cpuid_bit::tsc_adjust))
            write_msr(MSR_IA32_TSC_ADJUST, read_msr(MSR_IA32_TSC_ADJUST) - static_cast<std::uint64_t>(difference_));
        question_.store(0);
    }

private:
    static constexpr std::uint32_t rounds = 16, all_asked = ~0U;
    static constexpr Nanoseconds patience = 10'000'000'000;
    std::atomic<std::uint32_t> question_ = 0, answer_ = 0;
    std::uint64_t tsc_ = 0;  // the other's, at its answer
    std::int64_t difference_ = 0;
};

}  // namespace tenon::hvm
