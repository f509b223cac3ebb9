// SPDX-License-Identifier: Apache-2.0
// All started timers, and the one hardware timer below them.
#pragma once

#include "kernel/time/clock.h"

namespace tenon {

class TimerQueue {
public:
    /// Takes the timer event. Once, at boot.
    static void initialize();
    /// Runs the timers that are due. Interrupts are masked.
    static void expire();
    [[nodiscard]] static Nanoseconds first_deadline();
    /// Programs the hardware timer for the first deadline if it is not already set for that time or an earlier one.
    /// Also called when the wall clock was set: its deadlines may be earlier now.
    static void arm();

    /// The timer's deadline on the monotonic clock, as the wall clock stands now; 0 if it has passed.
    [[nodiscard]] static Nanoseconds deadline_of(const class Timer& timer);
};

}  // namespace tenon
