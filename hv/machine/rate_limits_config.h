// SPDX-License-Identifier: Apache-2.0
// Rate limits as JSON: Firecracker's rate limiters, and in an object "tenon" the peak, for which those have no key.
//
//   {"bandwidth": {"size": BYTES, "one_time_burst": BYTES, "refill_time": MS}, "ops": {the same, in operations},
//    "tenon": {"peak": BYTES_PER_SECOND}}
#pragma once

#include "hv/core/error.h"
#include "hv/core/json_section.h"
#include "hv/core/rate_limiter.h"
#include "hv/devices/net_limits.h"

namespace hv {

/// Takes the rate limiter that is `key` of `section`. What it leaves out stays as it is in `limits`; a size, a
/// refill_time or a peak of 0 removes a limit. Errors: usage, naming the key.
Result<> read_rate_limits(JsonSection& section, const char* key, const JsonSection::Origin& origin, RateLimits& limits);

/// Adds it, if there is a limit.
void add_rate_limits(Json& section, const char* key, const RateLimits& limits);

/// Takes the keys "rx_rate_limiter" and "tx_rate_limiter" of a network interface.
Result<> read_net_limits(JsonSection& interface, const JsonSection::Origin& origin, NetLimits& limits);

/// Adds those keys, as far as there are limits.
void add_net_limits(Json& interface, const NetLimits& limits);

/// Zeros for no limit, which remove one that there is.
[[nodiscard]] Json token_limit_json(const std::optional<TokenLimit>& limit);
[[nodiscard]] Json peak_json(std::uint64_t peak);

}  // namespace hv
