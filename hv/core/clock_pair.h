// SPDX-License-Identifier: Apache-2.0
// The host's clocks beside its TSC, and what follows from two such readings.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "hv/core/host_clock.h"

namespace hv {

/// TSC and another clock (CLOCK_MONOTONIC unless said otherwise) at the same moment.
struct ClockPair {
    std::uint64_t tsc;
    std::uint64_t ns;
};

using ClockReader = std::function<std::uint64_t()>;

[[nodiscard]] std::uint64_t host_tsc();

/// Samples both clocks a few times and returns the best pair; its error is some tens of ns.
[[nodiscard]] ClockPair sample_clock_pair(const ClockReader& tsc = host_tsc,
                                          const ClockReader& clock = host_monotonic_ns);

/// The pair taken when this process started, before main().
[[nodiscard]] const ClockPair& process_start_pair();

/// TSC ticks per second from two pairs; nothing where they are out of order, or the result is not between 0.1 and 20
/// GHz.
[[nodiscard]] std::optional<double> tsc_frequency(const ClockPair& earlier, const ClockPair& later);

/// The clocks by which a machine's clock is kept. The guest reads the same TSC.
struct HostClocks {
    ClockReader tsc = host_tsc;
    ClockReader monotonic = host_monotonic_ns;
    ClockReader realtime = host_realtime_ns;
    ClockPair start = process_start_pair();  ///< earlier pair of `tsc` and `monotonic`: start of the first measurement
};

}  // namespace hv
