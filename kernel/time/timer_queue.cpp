// SPDX-License-Identifier: Apache-2.0
// Timers in software on one one-shot timer in hardware.
#include "kernel/time/timer_queue.h"

#include <algorithm>

#include "kernel/platform/platform.h"
#include "kernel/time/timer_heap.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {

namespace {

struct State {
    TimerHeap heaps[2];               // by ClockKind
    Nanoseconds armed = no_deadline;  // the hardware timer's setting; it may have fired since

    TimerHeap& heap(ClockKind clock) { return heaps[static_cast<std::size_t>(clock)]; }

    [[nodiscard]] Nanoseconds first_deadline() const {
        Nanoseconds first = no_deadline;
        for (const TimerHeap& each : heaps)
            if (each.first() != nullptr) first = std::min(first, TimerQueue::deadline_of(*each.first()));
        return first;
    }
};
constinit Locked<State> timers{"timers"};

void arm_locked(State& state) {
    const Nanoseconds deadline = state.first_deadline();
    // A timer that is set too early costs one interrupt, which is cheaper than setting it anew each time.
    if (deadline >= state.armed) return;
    state.armed = deadline;
    platform().set_timer(deadline);
}

}  // namespace

void TimerQueue::initialize() {
    interrupts::set_handler(
        abi::event::timer,
        [](void*) {
            // The hardware timer has fired, even if the guest's clock is still some ns before the deadline.
            timers.with([](State& state) { state.armed = no_deadline; });
            expire();
            arm();
        },
        nullptr);
}

Nanoseconds TimerQueue::deadline_of(const Timer& timer) {
    if (timer.clock_ == ClockKind::monotonic) return timer.deadline_;
    const Nanoseconds now = realtime_now();
    Nanoseconds result = 0;
    if (timer.deadline_ <= now) return result;
    return __builtin_add_overflow(monotonic_now(), timer.deadline_ - now, &result) ? no_deadline : result;
}

Nanoseconds TimerQueue::first_deadline() {
    return timers.with([](const State& state) { return state.first_deadline(); });
}

void TimerQueue::expire() {
    const Nanoseconds now = monotonic_now();
    for (;;) {
        Timer* due = timers.with([now](State& state) -> Timer* {
            if (state.armed <= now) state.armed = no_deadline;
            for (TimerHeap& heap : state.heaps) {
                Timer* first = heap.first();
                if (first == nullptr || deadline_of(*first) > now) continue;
                heap.remove(*first);
                return first;
            }
            return nullptr;
        });
        if (due == nullptr) return;
        // Not locked: the callback may start and cancel timers, this one too.
        due->callback_(due->context_);
    }
}

void TimerQueue::arm() { timers.with(arm_locked); }

void Timer::start_before_switch(Deadline deadline) {
    timers.with([&](State& state) {
        if (started_) state.heap(clock_).remove(*this);
        deadline_ = deadline.at;
        clock_ = deadline.clock;
        state.heap(clock_).insert(*this);
    });
}

void Timer::start(Deadline deadline) {
    start_before_switch(deadline);
    TimerQueue::arm();
}

bool Timer::cancel() {
    if (!started_) return false;
    return timers.with([&](State& state) {
        if (!started_) return false;
        state.heap(clock_).remove(*this);
        return true;
    });
}

}  // namespace tenon
