// SPDX-License-Identifier: Apache-2.0
// All started timers, and each vCPU's one hardware timer below them.
#pragma once

#include "kernel/time/clock.h"

namespace tenon {

/// Acts on the calling vCPU's timers; interrupts are masked unless it says otherwise.
class TimerQueue {
public:
    /// Takes the timer event. Once, at boot.
    static void initialize();
    /// Runs the timers that are due.
    static void expire();
    [[nodiscard]] static Nanoseconds first_deadline();
    /// Programs the hardware timer for the first deadline if it is not already set for that time or an earlier one.
    static void arm();
    /// The same on all vCPUs: the wall clock was set, and its deadlines may be earlier now. Callable anywhere.
    static void arm_all();

    /// The timer's deadline on the monotonic clock, as the wall clock stands now; 0 if it has passed.
    [[nodiscard]] static Nanoseconds deadline_of(const class Timer& timer);
};

}  // namespace tenon
