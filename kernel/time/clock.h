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
/// Who said last what time it is.
enum class RealtimeSetter : std::uint8_t { platform, program, time_server };

/// Sets the wall clock. The distance to the platform's stays until somebody sets it again, also when that one is set.
void set_realtime(Nanoseconds now, RealtimeSetter setter = RealtimeSetter::program);
/// The wall clock is the platform's again.
void take_platform_realtime();
[[nodiscard]] RealtimeSetter realtime_setter();

}  // namespace tenon
