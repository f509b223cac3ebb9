// SPDX-License-Identifier: Apache-2.0
// The host's clocks beside its TSC.
#include "hv/core/clock_pair.h"

#include <x86intrin.h>

namespace hv {

namespace {

// Taken before main(): the time of the start-up then serves as the first interval for measuring the TSC's rate.
const ClockPair start_pair = sample_clock_pair();

}  // namespace

std::uint64_t host_tsc() { return __rdtsc(); }

const ClockPair& process_start_pair() { return start_pair; }

ClockPair sample_clock_pair(const ClockReader& tsc, const ClockReader& clock) {
    ClockPair best{};
    std::uint64_t best_width = ~0ULL;
    for (int attempt = 0; attempt < 4; ++attempt) {
        const std::uint64_t before = tsc();
        const std::uint64_t now = clock();
        const std::uint64_t width = tsc() - before;
        if (width >= best_width) continue;
        best_width = width;
        best = {before + width / 2, now};
    }
    return best;
}

std::optional<double> tsc_frequency(const ClockPair& earlier, const ClockPair& later) {
    if (later.tsc <= earlier.tsc || later.ns <= earlier.ns) return std::nullopt;
    constexpr double ns_per_second = 1e9;
    const double hz =
        static_cast<double>(later.tsc - earlier.tsc) / static_cast<double>(later.ns - earlier.ns) * ns_per_second;
    if (hz < 1e8 || hz > 2e10) return std::nullopt;
    return hz;
}

}  // namespace hv
