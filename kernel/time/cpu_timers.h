// SPDX-License-Identifier: Apache-2.0
// The timers of one vCPU, and the hardware timer below them.
#pragma once

#include <algorithm>

#include "kernel/time/timer_heap.h"
#include "kernel/time/timer_queue.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {

/// The part of a vCPU's record that belongs to time. A timer is in the heap of the vCPU that started it, and fires
/// there.
struct CpuTimers : Cpu {
    SpinLock timer_lock{"timers"};               ///< guards the fields below, and the timers in the heaps
    TimerHeap heaps[2];                          // by ClockKind
    Nanoseconds armed = no_deadline;             ///< the hardware timer's setting; it may have fired since
    std::atomic<const Timer*> firing = nullptr;  ///< its callback runs

    static CpuTimers& current() { return static_cast<CpuTimers&>(Cpu::current()); }
    static CpuTimers& at(std::uint32_t index) { return static_cast<CpuTimers&>(*all[index]); }

    TimerHeap& heap(ClockKind clock) { return heaps[static_cast<std::size_t>(clock)]; }
    [[nodiscard]] Nanoseconds first_deadline() const {
        Nanoseconds first = no_deadline;
        for (const TimerHeap& each : heaps)
            if (each.first() != nullptr) first = std::min(first, TimerQueue::deadline_of(*each.first()));
        return first;
    }
};

}  // namespace tenon
