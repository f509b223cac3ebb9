// SPDX-License-Identifier: Apache-2.0
// timer_create and its relatives.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <new>

#include "kernel/mm/heap.h"
#include "userland/posix/signal_timer.h"
#include "userland/posix/signals.h"

namespace tenon::posix {

namespace {

constexpr std::size_t most_timers = 256;

/// By number. A timer that was deleted is used again for the same clock; `lock` guards the table.
struct Entry {
    SignalTimer* timer = nullptr;
    ClockKind clock{};
};
constinit Mutex lock;
constinit std::array<Entry, most_timers> entries{};

struct HeldLock {
    HeldLock() { lock.lock(); }
    ~HeldLock() { lock.unlock(); }
    HeldLock(const HeldLock&) = delete;
    HeldLock& operator=(const HeldLock&) = delete;
};

Outcome<ClockKind> kind_of(clockid_t clock) {
    if (clock == CLOCK_REALTIME) return ClockKind::realtime;
    if (clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME) return ClockKind::monotonic;
    return fail_with(EINVAL);
}

/// Threads as receivers (SIGEV_THREAD) are not supported.
Outcome<siginfo_t> signal_of(const sigevent* event, std::size_t number) {
    siginfo_t signal = {};
    signal.si_code = SI_TIMER;
    signal.si_signo = SIGALRM;
    signal.si_value.sival_int = static_cast<int>(number);
    if (event == nullptr) return signal;
    if (event->sigev_notify != SIGEV_SIGNAL && event->sigev_notify != SIGEV_NONE) return fail_with(EINVAL);
    if (event->sigev_notify == SIGEV_SIGNAL && !signals::is_signal(event->sigev_signo)) return fail_with(EINVAL);
    signal.si_signo = event->sigev_notify == SIGEV_SIGNAL ? event->sigev_signo : 0;
    signal.si_value = event->sigev_value;
    return signal;
}

Outcome<timer_t> create(clockid_t clock, const sigevent* event) {
    TRY(const ClockKind kind, kind_of(clock));
    const HeldLock locked;
    for (std::size_t number = 0; number != most_timers; ++number) {
        Entry& entry = entries[number];
        if (entry.timer != nullptr && (entry.timer->is_used || entry.clock != kind)) continue;
        TRY(const siginfo_t signal, signal_of(event, number));
        if (entry.timer == nullptr) {
            void* memory = heap_allocate(sizeof(SignalTimer));
            if (memory == nullptr) return fail_with(EAGAIN);
            entry = {new (memory) SignalTimer(kind), kind};
        }
        entry.timer->is_used = true;
        entry.timer->set_signal(signal);
        return static_cast<timer_t>(number);
    }
    return fail_with(EAGAIN);
}

/// The timer of a number, with the lock held. Error: EINVAL.
Outcome<SignalTimer*> find(timer_t number) {
    if (number >= most_timers || entries[number].timer == nullptr || !entries[number].timer->is_used)
        return fail_with(EINVAL);
    return entries[number].timer;
}

Outcome<> remove(timer_t number) {
    const HeldLock locked;
    TRY(SignalTimer * timer, find(number));
    timer->timer().stop();
    timer->is_used = false;
    return {};
}

Outcome<> set(timer_t number, int flags, const itimerspec* value, itimerspec* old) {
    const HeldLock locked;
    if (value == nullptr) return fail_with(EINVAL);
    TRY(SignalTimer * timer, find(number));
    return timer->timer().set((flags & TIMER_ABSTIME) != 0, *value, old);
}

Outcome<> get(timer_t number, itimerspec* value) {
    const HeldLock locked;
    TRY(SignalTimer * timer, find(number));
    if (value == nullptr) return fail_with(EFAULT);
    *value = timer->timer().left();
    return {};
}

Outcome<int> overrun(timer_t number) {
    const HeldLock locked;
    TRY(SignalTimer * timer, find(number));
    return timer->overrun();
}

}  // namespace

extern "C" {

int timer_create(clockid_t clock, sigevent* event, timer_t* timer) {
    const auto made = create(clock, event);
    if (!made) return answer<int>(fail_with(made.error().code));
    *timer = *made;
    return 0;
}
int timer_delete(timer_t timer) { return answer(remove(timer)); }
int timer_settime(timer_t timer, int flags, const itimerspec* value, itimerspec* old) {
    return answer(set(timer, flags, value, old));
}
int timer_gettime(timer_t timer, itimerspec* value) { return answer(get(timer, value)); }
int timer_getoverrun(timer_t timer) { return answer(overrun(timer)); }

}  // extern "C"

}  // namespace tenon::posix
