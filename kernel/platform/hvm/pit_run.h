// SPDX-License-Identifier: Apache-2.0
// The TSC's frequency by a run of the PIT's counter (Intel 8254), on hosts that may stop the machine meanwhile.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernel/platform/hvm/tsc_clock.h"

namespace tenon::hvm {

inline constexpr std::uint64_t pit_frequency = 1'193'182;

struct PitRun {
    std::uint64_t frequency;  ///< of the TSC, in Hz; 0: unknown
    /// The host did not run the machine for a part of the run. The counter, which wraps after 55 ms, may have counted
    /// further than it shows: the frequency is right, or too high.
    bool disturbed;
};

/// The counter has just begun at 0xFFFF. `read_pit` and `read_tsc` read it and the TSC, `sample` both at nearly the
/// same moment. Takes 10 ms. Without a PIT the result is {0, false}, after 20 * 10^9 ticks of the TSC.
template <typename ReadPit, typename ReadTsc, typename Sample>
[[nodiscard]] PitRun measure_pit_run(ReadPit read_pit, ReadTsc read_tsc, Sample sample) {
    constexpr std::uint32_t wanted_ticks = pit_frequency / 100;
    constexpr std::uint64_t too_long = 20'000'000'000;  // more than any processor makes in 10 ms
    const CounterSample first = sample();
    // Steps much longer than the shortest one are those during which the machine stood.
    constexpr std::uint64_t much = 16;
    std::uint64_t now = first.tsc, shortest = ~std::uint64_t{0}, stood = 0;
    const auto step_to = [&](std::uint64_t tsc) {
        const std::uint64_t step = tsc - now;
        now = tsc;
        shortest = std::min(shortest, step);
        if (step / much > shortest) stood += step;
    };
    std::uint32_t counter = 0;
    do {
        counter = read_pit();
        step_to(read_tsc());
        if (now - first.tsc > too_long) return {0, false};
    } while (first.counter - counter < wanted_ticks);
    const CounterSample last = sample();
    step_to(last.tsc);
    const std::uint32_t ticks = first.counter - last.counter;
    // A counter that has wrapped is above its first value, the difference then no number of 16 bits.
    if (ticks == 0 || ticks > 0xFFFF) return {0, true};
    const std::uint64_t time = last.tsc - first.tsc;
    return {time * pit_frequency / ticks, stood > time / 8};
}

/// The frequency by the first run that was not disturbed; if all are, the lowest. run() makes one.
template <typename Run>
[[nodiscard]] std::uint64_t frequency_of_pit_runs(Run run) {
    constexpr int most_runs = 20;
    std::uint64_t lowest = ~std::uint64_t{0};
    for (int i = 0; i != most_runs; ++i) {
        const PitRun result = run();
        if (!result.disturbed) return result.frequency;
        if (result.frequency != 0) lowest = std::min(lowest, result.frequency);
    }
    return lowest == ~std::uint64_t{0} ? 0 : lowest;
}

}  // namespace tenon::hvm
