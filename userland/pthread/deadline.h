// SPDX-License-Identifier: Apache-2.0
// POSIX deadlines on the kernel's clock.
#pragma once

#include <time.h>

#include "kernel/time/clock.h"

namespace tenon::pthread {

/// Absolute time `at` of `clock` as a time of the monotonic clock. A wait until a wall-clock time is not lengthened or
/// shortened when the wall clock is set meanwhile. False if `at` or the clock is invalid.
[[nodiscard]] bool to_deadline(clockid_t clock, const timespec& at, Nanoseconds& deadline);

}  // namespace tenon::pthread
