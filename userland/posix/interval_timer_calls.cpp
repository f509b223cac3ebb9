// SPDX-License-Identifier: Apache-2.0
// alarm and setitimer.
#include <sys/time.h>
#include <unistd.h>

#include <cstddef>
#include <new>

#include "userland/posix/signal_timer.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

/// Made at the first use; it stays until the machine ends.
SignalTimer& alarm_timer() {
    static constinit Mutex making;
    static constinit SignalTimer* timer = nullptr;
    alignas(SignalTimer) static constinit std::byte memory[sizeof(SignalTimer)] = {};
    making.lock();
    if (timer == nullptr) {
        siginfo_t signal = {};
        signal.si_signo = SIGALRM;
        timer = new (memory) SignalTimer(ClockKind::monotonic);
        timer->set_signal(signal);
    }
    making.unlock();
    return *timer;
}

timespec to_timespec(const timeval& time) { return {time.tv_sec, static_cast<long>(time.tv_usec) * 1000}; }
itimerval to_itimerval(const itimerspec& value) {
    const auto convert = [](const timespec& time) -> timeval {
        // What is left of a timer that runs is never 0.
        const long part = (time.tv_nsec + 999) / 1000;
        return part == 1'000'000 ? timeval{time.tv_sec + 1, 0} : timeval{time.tv_sec, part};
    };
    return {convert(value.it_interval), convert(value.it_value)};
}

/// Only time itself: processor time has no timers. Error: EINVAL.
Outcome<> check_kind(int kind) {
    if (kind != ITIMER_REAL) return fail_with(EINVAL);
    return {};
}

Outcome<> set_timer(int kind, const itimerval* value, itimerval* old) {
    CHECK(check_kind(kind));
    if (value == nullptr) return fail_with(EFAULT);
    itimerspec before;
    CHECK(alarm_timer().timer().set(false, {to_timespec(value->it_interval), to_timespec(value->it_value)}, &before));
    if (old != nullptr) *old = to_itimerval(before);
    return {};
}

Outcome<> get_timer(int kind, itimerval* value) {
    CHECK(check_kind(kind));
    if (value == nullptr) return fail_with(EFAULT);
    *value = to_itimerval(alarm_timer().timer().left());
    return {};
}

}  // namespace

extern "C" {

int setitimer(int kind, const itimerval* value, itimerval* old) { return answer(set_timer(kind, value, old)); }
int getitimer(int kind, itimerval* value) { return answer(get_timer(kind, value)); }

unsigned alarm(unsigned seconds) {
    itimerval old = {};
    const itimerval value = {{}, {static_cast<time_t>(seconds), 0}};
    (void)set_timer(ITIMER_REAL, &value, &old);
    // To the nearest second, and at least 1 if there is any left.
    const auto left = static_cast<unsigned>(old.it_value.tv_sec);
    const bool up = old.it_value.tv_usec >= 500'000 || (left == 0 && old.it_value.tv_usec != 0);
    return left + (up ? 1 : 0);
}

}  // extern "C"

}  // namespace tenon::posix
