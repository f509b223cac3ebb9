// SPDX-License-Identifier: Apache-2.0
// A timer that expires once or again and again, and counts.
#pragma once

#include <time.h>

#include <algorithm>

#include "kernel/sched/sync.h"
#include "kernel/time/timer.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// Calls `expired(context)` in interrupt context. Methods are called by several threads at once; the destructor by one.
class PeriodicTimer {
public:
    using Callback = void (*)(void* context);
    PeriodicTimer(ClockKind clock, Callback expired, void* context)
        : timer_([](void* self) { static_cast<PeriodicTimer*>(self)->expire(); }, this),
          clock_(clock),
          expired_(expired),
          context_(context) {}

    /// Starts it anew, or stops it (`value.it_value` is 0); `old`, if not null, receives what was set. The expirations
    /// so far are forgotten. Error: EINVAL.
    Outcome<> set(bool absolute, const itimerspec& value, itimerspec* old);
    void stop();
    [[nodiscard]] itimerspec left();

    [[nodiscard]] std::uint64_t expirations();
    /// The count begins anew.
    std::uint64_t take_expirations();

private:
    [[nodiscard]] Nanoseconds now() const { return clock_ == ClockKind::realtime ? realtime_now() : monotonic_now(); }
    void expire();
    [[nodiscard]] itimerspec left_locked() const;

    Mutex setting_;
    Timer timer_;
    SpinLock lock_{"periodic timer"};
    // Under lock_.
    Nanoseconds next_ = no_deadline;  ///< of clock_; no_deadline: stopped
    Nanoseconds interval_ = 0;        ///< 0: it expires once
    std::uint64_t count_ = 0;

    ClockKind clock_;
    Callback expired_;
    void* context_;
};

}  // namespace tenon::posix
