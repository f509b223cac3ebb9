// SPDX-License-Identifier: Apache-2.0
// A timer that expires once or again and again, and counts.
#include "userland/posix/periodic_timer.h"

#include <mutex>

#include "userland/posix/timespec.h"

namespace tenon::posix {

void PeriodicTimer::expire() {
    {
        const SpinLock::Guard guard(lock_);
        if (next_ == no_deadline) return;
        const Nanoseconds time = now();
        // The wall clock may have been set back since.
        const std::uint64_t missed = interval_ != 0 && time > next_ ? (time - next_) / interval_ : 0;
        count_ += 1 + missed;
        next_ = interval_ != 0 ? next_ + (1 + missed) * interval_ : no_deadline;
        if (next_ != no_deadline) timer_.start({next_, clock_});
    }
    expired_(context_);
}

Outcome<> PeriodicTimer::set(bool absolute, const itimerspec& value, itimerspec* old) {
    TRY(const Nanoseconds first, to_nanoseconds(value.it_value));
    TRY(const Nanoseconds interval, to_nanoseconds(value.it_interval));
    const std::lock_guard setting(setting_);
    // A callback that runs may start the timer again; it finds it stopped then.
    const itimerspec before = left();
    stop();
    const SpinLock::Guard guard(lock_);
    count_ = 0;
    interval_ = first != 0 ? interval : 0;
    if (first != 0) {
        next_ = absolute ? first : now() + first;
        timer_.start({next_, clock_});
    }
    if (old != nullptr) *old = before;
    return {};
}

void PeriodicTimer::stop() {
    {
        const SpinLock::Guard guard(lock_);
        next_ = no_deadline;
        interval_ = 0;
    }
    timer_.cancel();
}

itimerspec PeriodicTimer::left_locked() const {
    if (next_ == no_deadline) return {to_timespec(interval_), {}};
    const Nanoseconds time = now();
    // What is about to expire has a little left: 0 means that it is stopped.
    return {to_timespec(interval_), to_timespec(next_ > time ? next_ - time : 1)};
}

itimerspec PeriodicTimer::left() {
    const SpinLock::Guard guard(lock_);
    return left_locked();
}

std::uint64_t PeriodicTimer::expirations() {
    const SpinLock::Guard guard(lock_);
    return count_;
}

std::uint64_t PeriodicTimer::take_expirations() {
    const SpinLock::Guard guard(lock_);
    return std::exchange(count_, 0);
}

}  // namespace tenon::posix
