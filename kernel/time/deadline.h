// SPDX-License-Identifier: Apache-2.0
// The end of a wait, on one of two clocks.
#pragma once

#include <cstdint>

#include "kernel/base/nanoseconds.h"

namespace tenon {

enum class ClockKind : std::uint8_t { monotonic, realtime };

/// A deadline on the wall clock moves when that clock is set and when the machine resumes after a pause (POSIX,
/// clock_settime); one on the monotonic clock never moves.
struct Deadline {
    constexpr Deadline(Nanoseconds time, ClockKind kind = ClockKind::monotonic) : at(time), clock(kind) {}
    Nanoseconds at;
    ClockKind clock;
};

}  // namespace tenon
