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
    TimerQueue::arm();
}
}  // namespace

Nanoseconds monotonic_now() {
    // The clock's parameters change under way, by which it may fall back by a nanosecond: what was told once is never
    // undercut. Without a locked instruction, which would cost a third of a reading: who is between these two lines for
    // long enough to leave an older time here has been away for longer than that nanosecond.
    const Nanoseconds now = platform().read_clock();
    const Nanoseconds before = latest.load(std::memory_order_relaxed);
    if (now <= before) return before;
    latest.store(now, std::memory_order_relaxed);
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
