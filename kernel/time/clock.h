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
/// Who set the wall clock last.
enum class RealtimeSetter : std::uint8_t { platform, program, time_server };

/// Sets the wall clock; waits for its times follow. Its distance to the platform's wall clock stays the same until the
/// next call, also when the platform's is set.
void set_realtime(Nanoseconds now, RealtimeSetter setter = RealtimeSetter::program);
/// Makes the platform's wall clock count again.
void take_platform_realtime();
[[nodiscard]] RealtimeSetter realtime_setter();

}  // namespace tenon
