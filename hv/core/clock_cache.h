// SPDX-License-Identifier: Apache-2.0
// A clock pair that one hv leaves for the next: a long baseline from the first moment on.
#pragma once

#include <optional>
#include <string>

#include "hv/core/clock_pair.h"

namespace hv {

/// The pair in `file`, if it is of this boot of the host and says what `start` and `now` say too, only more exactly.
[[nodiscard]] std::optional<ClockPair> read_clock_cache(const std::string& file, const ClockPair& start,
                                                        const ClockPair& now);

/// Leaves `pair`. What cannot be written is not: it is no more than a help.
void write_clock_cache(const std::string& file, const ClockPair& pair);

}  // namespace hv
