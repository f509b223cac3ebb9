// SPDX-License-Identifier: Apache-2.0
// Time, read without an exit.
#pragma once

#include <cstdint>

#include "kernel/base/nanoseconds.h"

namespace tenon {

/// The monotonic clock. Never steps back.
[[nodiscard]] Nanoseconds monotonic_now();
/// ns since 1970-01-01 00:00 UTC.
[[nodiscard]] Nanoseconds realtime_now();
/// Who said last what time it is.
enum class RealtimeSetter : std::uint8_t { platform, program, time_server };

/// Sets the wall clock, and with it the waits for its times. The distance to the platform's stays until somebody sets
/// it again, also when that one is set.
void set_realtime(Nanoseconds now, RealtimeSetter setter = RealtimeSetter::program);
/// The wall clock is the platform's again.
void take_platform_realtime();
[[nodiscard]] RealtimeSetter realtime_setter();

}  // namespace tenon
