// SPDX-License-Identifier: Apache-2.0
// POSIX deadlines on the kernel's clock.
#pragma once

#include <time.h>

#include <optional>

#include "kernel/time/deadline.h"

namespace tenon::pthread {

/// Absolute time `at` of `clock`. Nothing if `at` or the clock is invalid.
[[nodiscard]] std::optional<Deadline> to_deadline(clockid_t clock, const timespec& at);

}  // namespace tenon::pthread
