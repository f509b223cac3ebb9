// SPDX-License-Identifier: Apache-2.0
// Time, read without an exit.
#pragma once

#include <cstdint>
#include <limits>

namespace tenon {

/// A point on the monotonic clock, in ns since the machine was created. Never steps back.
using Nanoseconds = std::uint64_t;
inline constexpr Nanoseconds no_deadline = std::numeric_limits<Nanoseconds>::max();

[[nodiscard]] Nanoseconds monotonic_now();
/// ns since 1970-01-01 00:00 UTC.
[[nodiscard]] Nanoseconds realtime_now();
/// Sets the wall clock; lasts until the hypervisor says otherwise.
void set_realtime(Nanoseconds now);

}  // namespace tenon
