// SPDX-License-Identifier: Apache-2.0
// The host's clocks beside its TSC, and what follows from two such readings.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "hv/core/host_clock.h"

namespace hv {

/// The TSC and a clock (CLOCK_MONOTONIC unless it says otherwise) at one moment.
struct ClockPair {
    std::uint64_t tsc;
    std::uint64_t ns;
};

using ClockReader = std::function<std::uint64_t()>;

[[nodiscard]] std::uint64_t host_tsc();

/// A pair with an error of some tens of ns: the best of a few attempts.
[[nodiscard]] ClockPair sample_clock_pair(const ClockReader& tsc = host_tsc,
                                          const ClockReader& clock = host_monotonic_ns);

/// The pair taken when this process started, before main().
[[nodiscard]] const ClockPair& process_start_pair();

/// TSC ticks per second from two pairs; nothing where they are out of order or the answer is absurd.
[[nodiscard]] std::optional<double> tsc_frequency(const ClockPair& earlier, const ClockPair& later);

/// What a machine's clock goes by. The TSC is the guest's too.
struct HostClocks {
    ClockReader tsc = host_tsc;
    ClockReader monotonic = host_monotonic_ns;
    ClockReader realtime = host_realtime_ns;
    ClockPair start = process_start_pair();  ///< an earlier pair of TSC and `monotonic`: the first baseline
};

}  // namespace hv
