// SPDX-License-Identifier: Apache-2.0
// Clocks and sleeping.
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "kernel/sched/thread.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

/// Processor time is not accounted for: those clocks do not exist here.
Outcome<Nanoseconds> read_clock(clockid_t clock) {
    if (clock == CLOCK_MONOTONIC) return monotonic_now();
    if (clock == CLOCK_REALTIME) return realtime_now();
    return fail_with(EINVAL);
}

Outcome<> get_time(clockid_t clock, timespec* time) {
    TRY(const Nanoseconds now, read_clock(clock));
    if (time != nullptr) *time = to_timespec(now);
    return {};
}

Outcome<> get_resolution(clockid_t clock, timespec* resolution) {
    TRY([[maybe_unused]] const Nanoseconds now, read_clock(clock));
    if (resolution != nullptr) *resolution = {0, 1};
    return {};
}

Outcome<> set_time(clockid_t clock, const timespec& time) {
    if (clock != CLOCK_REALTIME) return fail_with(EINVAL);
    TRY(const Nanoseconds now, to_nanoseconds(time));
    set_realtime(now);
    return {};
}

/// The point on the monotonic clock at which a sleep ends. One on the wall clock is not moved when that is set.
Outcome<Nanoseconds> end_of_sleep(clockid_t clock, bool absolute, const timespec& time) {
    TRY(const Nanoseconds now, read_clock(clock));
    TRY(const Nanoseconds target, to_nanoseconds(time));
    if (!absolute) return monotonic_now() + target;
    return target > now ? monotonic_now() + (target - now) : 0;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) { return answer(get_time(clock, time)); }
int clock_getres(clockid_t clock, timespec* resolution) { return answer(get_resolution(clock, resolution)); }
int clock_settime(clockid_t clock, const timespec* time) { return answer(set_time(clock, *time)); }

int gettimeofday(timeval* time, void*) {
    const Nanoseconds now = realtime_now();
    if (time != nullptr) *time = {static_cast<time_t>(now / second), static_cast<suseconds_t>(now % second / 1000)};
    return 0;
}

int settimeofday(const timeval* time, const struct timezone*) {
    return answer(set_time(CLOCK_REALTIME, {time->tv_sec, static_cast<long>(time->tv_usec) * 1000}));
}

/// Nothing interrupts a sleep, so nothing remains of it.
int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* remaining) {
    const auto deadline = end_of_sleep(clock, (flags & TIMER_ABSTIME) != 0, *time);
    if (!deadline) return deadline.error().code;
    Thread::sleep_until(*deadline);
    if (remaining != nullptr && (flags & TIMER_ABSTIME) == 0) *remaining = {};
    return 0;
}

int nanosleep(const timespec* time, timespec* remaining) {
    const int error = clock_nanosleep(CLOCK_MONOTONIC, 0, time, remaining);
    if (error == 0) return 0;
    errno = error;
    return -1;
}

/// In place of processor time, which nobody counts: the time since the machine began.
clock_t times(tms* times) {
    const auto ticks = static_cast<clock_t>(monotonic_now() / (second / CLOCKS_PER_SEC));
    if (times != nullptr) *times = {ticks, 0, 0, 0};
    return ticks;
}

}  // extern "C"

}  // namespace tenon::posix
