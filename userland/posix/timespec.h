// SPDX-License-Identifier: Apache-2.0
// Conversions between POSIX's times and the kernel's.
#pragma once

#include <sys/time.h>
#include <time.h>

#include "kernel/time/clock.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

inline constexpr Nanoseconds second = 1'000'000'000;
inline constexpr long clock_ticks_per_second = 100;  ///< the unit of times(), as on Linux

constexpr timespec to_timespec(Nanoseconds time) {
    return {static_cast<time_t>(time / second), static_cast<long>(time % second)};
}

constexpr timeval to_timeval(Nanoseconds time) {
    return {static_cast<time_t>(time / second), static_cast<suseconds_t>(time % second / 1000)};
}

/// Times beyond 292 years count as never. Error: EINVAL.
constexpr Outcome<Nanoseconds> to_nanoseconds(const timespec& time) {
    if (time.tv_sec < 0 || time.tv_nsec < 0 || time.tv_nsec >= static_cast<long>(second)) return fail_with(EINVAL);
    if (static_cast<Nanoseconds>(time.tv_sec) >= static_cast<Nanoseconds>(INT64_MAX) / second)
        return static_cast<Nanoseconds>(INT64_MAX);
    return static_cast<Nanoseconds>(time.tv_sec) * second + static_cast<Nanoseconds>(time.tv_nsec);
}

}  // namespace tenon::posix
