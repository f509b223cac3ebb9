// SPDX-License-Identifier: Apache-2.0
// POSIX deadlines on the kernel's clock.
#include "userland/pthread/deadline.h"

namespace tenon::pthread {

bool to_deadline(clockid_t clock, const timespec& at, Nanoseconds& deadline) {
    constexpr Nanoseconds second = 1'000'000'000;
    if (at.tv_nsec < 0 || at.tv_nsec >= static_cast<long>(second)) return false;
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC) return false;
    if (at.tv_sec < 0) {
        deadline = 0;
        return true;
    }
    // What does not fit (584 years) is for ever, but not the value that means no deadline.
    Nanoseconds time = 0;
    if (__builtin_mul_overflow(static_cast<Nanoseconds>(at.tv_sec), second, &time) ||
        __builtin_add_overflow(time, static_cast<Nanoseconds>(at.tv_nsec), &time) || time == no_deadline)
        time = no_deadline - 1;
    if (clock == CLOCK_REALTIME) {
        const Nanoseconds now = realtime_now();
        const Nanoseconds remaining = time > now ? time - now : 0;
        if (__builtin_add_overflow(monotonic_now(), remaining, &time)) time = no_deadline - 1;
    }
    deadline = time;
    return true;
}

}  // namespace tenon::pthread
