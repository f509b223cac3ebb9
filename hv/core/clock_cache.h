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

/// The pair from which a machine's clock is measured: the one in `file`, or, where there is none that can be believed,
/// that of this process's start. Then `file` gets a new one for the next hv; that this fails is ignored: without a
/// cache the rate is only less exact at first. To be called before hv confines itself.
[[nodiscard]] ClockPair first_clock_pair(const std::string& file);

}  // namespace hv
