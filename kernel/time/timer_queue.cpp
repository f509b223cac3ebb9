// SPDX-License-Identifier: Apache-2.0
// Timers in software on one one-shot timer in hardware.
#include "kernel/time/timer_queue.h"

#include "kernel/platform/platform.h"
#include "kernel/time/timer_heap.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {

namespace {

struct State {
    TimerHeap heap;
    Nanoseconds armed = no_deadline;  // what the hardware timer is set to; it may have fired since
};
constinit Locked<State> timers{"timers"};

void arm_locked(State& state) {
    const Timer* first = state.heap.first();
    if (first == nullptr) return;
    const Nanoseconds deadline = TimerQueue::deadline_of(*first);
    // An earlier setting than needed costs one early interrupt, which is cheaper than setting the timer anew each time.
    if (deadline >= state.armed) return;
    state.armed = deadline;
    platform().set_timer(deadline);
}

}  // namespace

void TimerQueue::initialize() {
    interrupts::set_handler(
        abi::event::timer,
        [](void*) {
            // It has fired, even if by the guest's clock it is some ns early.
            timers.with([](State& state) { state.armed = no_deadline; });
            expire();
            arm();
        },
        nullptr);
}

Nanoseconds TimerQueue::deadline_of(const Timer& timer) { return timer.deadline_; }

Nanoseconds TimerQueue::first_deadline() {
    return timers.with([](State& state) {
        const Timer* first = state.heap.first();
        return first != nullptr ? first->deadline_ : no_deadline;
    });
}

void TimerQueue::expire() {
    const Nanoseconds now = monotonic_now();
    for (;;) {
        Timer* due = timers.with([now](State& state) -> Timer* {
            if (state.armed <= now) state.armed = no_deadline;
            Timer* first = state.heap.first();
            if (first == nullptr || first->deadline_ > now) return nullptr;
            state.heap.remove(*first);
            return first;
        });
        if (due == nullptr) return;
        // Not locked: the callback may start and cancel timers, this one too.
        due->callback_(due->context_);
    }
}

void TimerQueue::arm() { timers.with(arm_locked); }

void Timer::start_before_switch(Nanoseconds deadline) {
    timers.with([&](State& state) {
        if (started_) state.heap.remove(*this);
        deadline_ = deadline;
        state.heap.insert(*this);
    });
}

void Timer::start(Nanoseconds deadline) {
    start_before_switch(deadline);
    TimerQueue::arm();
}

bool Timer::cancel() {
    if (!started_) return false;
    return timers.with([&](State& state) {
        if (!started_) return false;
        state.heap.remove(*this);
        return true;
    });
}

}  // namespace tenon
