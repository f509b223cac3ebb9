// SPDX-License-Identifier: Apache-2.0
// Until when something waits, and by which clock.
#pragma once

#include <cstdint>

#include "kernel/base/nanoseconds.h"

namespace tenon {

enum class ClockKind : std::uint8_t { monotonic, realtime };

/// One by the wall clock comes earlier or later when that clock is set, or when the machine goes on after a pause
/// (POSIX, clock_settime); one by the monotonic clock never moves.
struct Deadline {
    constexpr Deadline(Nanoseconds time, ClockKind kind = ClockKind::monotonic) : at(time), clock(kind) {}
    Nanoseconds at;
    ClockKind clock;
};

}  // namespace tenon
