// SPDX-License-Identifier: Apache-2.0
// Rates as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/json_section.h"
#include "hv/core/rate_limiter.h"

namespace hv {

struct Bandwidth {
    std::optional<TokenLimit> average;
    std::uint64_t peak = 0;
};

/// "AVERAGE[:PEAK[:BURST]]" in bytes per second and bytes, with units as sizes have them; "none". Without a burst it is
/// what the average gives in 100 ms, 64 KiB at least; an empty peak is none. Errors: usage.
Result<Bandwidth> parse_bandwidth(std::string_view text);

/// "RATE[:BURST]" in operations per second; "none". Without a burst it is what the rate gives in 100 ms. `what` they
/// are: "packets". Errors: usage.
Result<std::optional<TokenLimit>> parse_operations(std::string_view text, const char* what);

/// "10.0 MiB/s, peak 20.0 MiB/s, burst 1.0 MiB, 1000 packets/s" of a rate limiter in JSON; empty: there is no limit.
[[nodiscard]] std::string rate_limiter_text(const Json& limiter, std::string_view operations);

}  // namespace hv
