// SPDX-License-Identifier: Apache-2.0
// Clocks and sleeping.
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "kernel/sched/scheduler.h"
#include "kernel/sched/thread_times.h"
#include "userland/posix/interruption.h"
#include "userland/posix/processor_clock.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

Outcome<Nanoseconds> read_clock(clockid_t clock) {
    if (clock == CLOCK_MONOTONIC) return monotonic_now();
    if (clock == CLOCK_REALTIME) return realtime_now();
    // Coarse ones are no cheaper, and the time that the machine is paused counts for none.
    if (clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME)
        return monotonic_now();
    if (clock == CLOCK_REALTIME_COARSE) return realtime_now();
    return read_processor_clock(clock);
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

/// A sleep of a given length does not depend on the wall clock.
Outcome<Deadline> end_of_sleep(clockid_t clock, bool absolute, const timespec& time) {
    if (clock != CLOCK_MONOTONIC && clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME) return fail_with(EINVAL);
    TRY(const Nanoseconds target, to_nanoseconds(time));
    if (!absolute) return Deadline(monotonic_now() + target);
    return Deadline(target, clock == CLOCK_REALTIME ? ClockKind::realtime : ClockKind::monotonic);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) { return answer(get_time(clock, time)); }
int clock_getres(clockid_t clock, timespec* resolution) { return answer(get_resolution(clock, resolution)); }
int clock_settime(clockid_t clock, const timespec* time) { return answer(set_time(clock, *time)); }

int gettimeofday(timeval* time, void* zone) {
    if (zone != nullptr) *static_cast<struct timezone*>(zone) = {};  // UTC, as Linux's kernel has it
    if (time != nullptr) *time = to_timeval(realtime_now());
    return 0;
}

int settimeofday(const timeval* time, const struct timezone*) {
    return answer(set_time(CLOCK_REALTIME, {time->tv_sec, static_cast<long>(time->tv_usec) * 1000}));
}

int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* remaining) {
    const bool absolute = (flags & TIMER_ABSTIME) != 0;
    const auto deadline = end_of_sleep(clock, absolute, *time);
    if (!deadline) return deadline.error().code;
    if (!interruptible_sleep(*deadline)) return 0;
    if (remaining != nullptr && !absolute) {
        const Nanoseconds now = monotonic_now();
        *remaining = to_timespec(deadline->at > now ? deadline->at - now : 0);
    }
    return EINTR;
}

int nanosleep(const timespec* time, timespec* remaining) {
    const int error = clock_nanosleep(CLOCK_MONOTONIC, 0, time, remaining);
    if (error == 0) return 0;
    errno = error;
    return -1;
}

unsigned sleep(unsigned seconds) {
    timespec time = {static_cast<time_t>(seconds), 0};
    // Rounded up, so that a sleep that was interrupted just before its end is not taken for a complete one.
    if (nanosleep(&time, &time) == 0) return 0;
    return static_cast<unsigned>(time.tv_sec) + (time.tv_nsec != 0 ? 1 : 0);
}

int usleep(useconds_t microseconds) {
    const timespec time = {static_cast<time_t>(microseconds / 1'000'000),
                           static_cast<long>(microseconds % 1'000'000 * 1000)};
    return nanosleep(&time, nullptr);
}

clock_t clock() { return static_cast<clock_t>(ThreadTimes::of_all() / (second / CLOCKS_PER_SEC)); }

/// The program's threads count as user time, more urgent ones as the system's. Returns the time since the machine
/// began.
clock_t times(tms* times) {
    const auto ticks = [](Nanoseconds time) { return static_cast<clock_t>(time / (second / clock_ticks_per_second)); };
    if (times != nullptr) {
        const Scheduler::Times used = Scheduler::times();
        *times = {ticks(used.program), ticks(used.system), 0, 0};
    }
    return ticks(monotonic_now());
}

}  // extern "C"

}  // namespace tenon::posix
