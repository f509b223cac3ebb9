// SPDX-License-Identifier: Apache-2.0
// Clocks of processor time.
#pragma once

#include <time.h>

#include "kernel/base/nanoseconds.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, or a thread's clock. Error: EINVAL.
[[nodiscard]] Outcome<Nanoseconds> read_processor_clock(clockid_t clock);

}  // namespace tenon::posix
