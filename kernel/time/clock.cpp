// SPDX-License-Identifier: Apache-2.0
// Time, read without an exit.
#include "kernel/time/clock.h"

#include <atomic>

#include "kernel/platform/platform.h"

namespace tenon {

namespace {
constinit std::atomic<Nanoseconds> latest = 0;
constinit std::atomic<std::int64_t> realtime_adjustment = 0;
}  // namespace

Nanoseconds monotonic_now() {
    // The clock's parameters change under way, and vCPUs differ by some ns: what was told once is never undercut.
    const Nanoseconds now = platform().read_clock();
    Nanoseconds before = latest.load(std::memory_order_relaxed);
    while (before < now)
        if (latest.compare_exchange_weak(before, now, std::memory_order_relaxed)) return now;
    return before;
}

Nanoseconds realtime_now() {
    return platform().read_realtime() + static_cast<Nanoseconds>(realtime_adjustment.load(std::memory_order_relaxed));
}

void set_realtime(Nanoseconds now) {
    realtime_adjustment.store(static_cast<std::int64_t>(now - platform().read_realtime()), std::memory_order_relaxed);
}

}  // namespace tenon
