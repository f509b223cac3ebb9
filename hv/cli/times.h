// SPDX-License-Identifier: Apache-2.0
// Points in time as people give them.
#pragma once

#include <cstdint>
#include <string_view>

#include "hv/core/error.h"

namespace hv {

/// Milliseconds since 1970 from how long ago it is ("90s", "10m", "2h30m", "1d") or from when it is: "2026-11-30",
/// "2026-11-30 05:52", "2026-11-30T05:52:12.123", in UTC with a Z at the end and else in the local time zone, or
/// "@1796017932", seconds since 1970. Errors: usage, naming `option`.
Result<std::int64_t> parse_time(std::string_view option, std::string_view text, std::int64_t now_ms);

}  // namespace hv
