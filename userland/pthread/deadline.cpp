// SPDX-License-Identifier: Apache-2.0
// POSIX deadlines on the kernel's clock.
#include "userland/pthread/deadline.h"

namespace tenon::pthread {

std::optional<Deadline> to_deadline(clockid_t clock, const timespec& at) {
    constexpr Nanoseconds second = 1'000'000'000;
    if (at.tv_nsec < 0 || at.tv_nsec >= static_cast<long>(second)) return std::nullopt;
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return std::nullopt;
    const ClockKind kind = clock == CLOCK_REALTIME ? ClockKind::realtime : ClockKind::monotonic;
    if (at.tv_sec < 0) return Deadline(0, kind);
    // A time that does not fit (584 years) becomes the largest one, which is not the value that means no deadline.
    Nanoseconds time = 0;
    if (__builtin_mul_overflow(static_cast<Nanoseconds>(at.tv_sec), second, &time) ||
        __builtin_add_overflow(time, static_cast<Nanoseconds>(at.tv_nsec), &time) || time == no_deadline)
        time = no_deadline - 1;
    return Deadline(time, kind);
}

}  // namespace tenon::pthread
