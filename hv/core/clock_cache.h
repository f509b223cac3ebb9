// SPDX-License-Identifier: Apache-2.0
// A clock pair that one hv leaves for the next, which then measures the TSC's rate over a long interval at once.
#pragma once

#include <optional>
#include <string>

#include "hv/core/clock_pair.h"

namespace hv {

/// The pair in `file`. Nothing where it is from an earlier boot of the host, is younger than `start`, or gives another
/// TSC rate than `start` and `now` do.
[[nodiscard]] std::optional<ClockPair> read_clock_cache(const std::string& file, const ClockPair& start,
                                                        const ClockPair& now);

/// Writes `pair` to `file`. Failure is ignored: without a cache the rate is only less exact at first.
void write_clock_cache(const std::string& file, const ClockPair& pair);

}  // namespace hv
