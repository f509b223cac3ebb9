// SPDX-License-Identifier: Apache-2.0
// Time, read without an exit.
#include "kernel/time/clock.h"

#include <atomic>

#include "kernel/platform/platform.h"
#include "kernel/time/timer_queue.h"

namespace tenon {

namespace {
constinit std::atomic<Nanoseconds> latest = 0;
constinit std::atomic<std::int64_t> realtime_adjustment = 0;
constinit std::atomic<RealtimeSetter> last_setter = RealtimeSetter::platform;

void adjust_realtime(std::int64_t adjustment, RealtimeSetter setter) {
    realtime_adjustment.store(adjustment, std::memory_order_relaxed);
    last_setter.store(setter, std::memory_order_relaxed);
    TimerQueue::arm_all();
}
}  // namespace

Nanoseconds monotonic_now() {
    // When its parameters change, the platform's clock may fall back by a nanosecond; a reading is never below an
    // earlier one. One vCPU needs no locked instruction, which would cost a third of a reading: a thread that is
    // preempted between load and store may store an older time, but has then been away for longer than that nanosecond.
    const Nanoseconds now = platform().read_clock();
    // Among several vCPUs an older time must not replace a newer one that another vCPU has returned.
    Nanoseconds before = latest.load(std::memory_order_relaxed);
    if (now <= before) return before;
    if (!Cpu::several()) {
        latest.store(now, std::memory_order_relaxed);
        return now;
    }
    while (!latest.compare_exchange_weak(before, now, std::memory_order_relaxed))
        if (now <= before) return before;
    return now;
}

Nanoseconds realtime_now() {
    return platform().read_realtime() + static_cast<Nanoseconds>(realtime_adjustment.load(std::memory_order_relaxed));
}

void set_realtime(Nanoseconds now, RealtimeSetter setter) {
    adjust_realtime(static_cast<std::int64_t>(now - platform().read_realtime()), setter);
}

void take_platform_realtime() { adjust_realtime(0, RealtimeSetter::platform); }

RealtimeSetter realtime_setter() { return last_setter.load(std::memory_order_relaxed); }

}  // namespace tenon
