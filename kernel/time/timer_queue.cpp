// SPDX-License-Identifier: Apache-2.0
// Timers in software on one one-shot timer in hardware for each vCPU.
#include "kernel/time/timer_queue.h"

#include "kernel/platform/platform.h"
#include "kernel/time/cpu_timers.h"

namespace tenon {

namespace {

/// Locks the timers of `here` and of the vCPU that has `timer`, which it returns; the lower index first.
CpuTimers& lock_with_home(CpuTimers& here, const std::atomic<std::uint32_t>& home_index) {
    for (;;) {
        CpuTimers& home = CpuTimers::at(home_index.load(std::memory_order_relaxed));
        CpuTimers& first = home.index < here.index ? home : here;
        CpuTimers& second = home.index < here.index ? here : home;
        first.timer_lock.acquire();
        if (&first != &second) second.timer_lock.acquire();
        if (home_index.load(std::memory_order_relaxed) == home.index) return home;
        first.timer_lock.release();
        if (&first != &second) second.timer_lock.release();
    }
}

}  // namespace

void TimerQueue::initialize() {
    interrupts::set_handler(
        abi::event::timer,
        [](void*) {
            // The hardware timer has fired, even if the guest's clock is still some ns before the deadline.
            CpuTimers::current().armed = no_deadline;
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
    CpuTimers& cpu = CpuTimers::current();
    cpu.timer_lock.acquire();
    const Nanoseconds first = cpu.first_deadline();
    cpu.timer_lock.release();
    return first;
}

void TimerQueue::expire() {
    CpuTimers& cpu = CpuTimers::current();
    const Nanoseconds now = monotonic_now();
    if (cpu.armed <= now) cpu.armed = no_deadline;
    for (;;) {
        Timer* due = nullptr;
        cpu.timer_lock.acquire();
        for (TimerHeap& heap : cpu.heaps) {
            Timer* first = heap.first();
            if (first == nullptr || deadline_of(*first) > now) continue;
            heap.remove(*first);
            due = first;
            break;
        }
        // Releases what the callback before did to whoever waits for its end (Timer::wait_for_callback).
        cpu.firing.store(due, std::memory_order_release);
        cpu.timer_lock.release();
        if (due == nullptr) return;
        // Not locked: the callback may start and cancel timers, this one too.
        due->callback_(due->context_);
    }
}

void TimerQueue::arm() {
    CpuTimers& cpu = CpuTimers::current();
    const Nanoseconds deadline = first_deadline();
    // A timer that is set too early costs one interrupt, which is cheaper than setting it anew each time.
    if (deadline >= cpu.armed) return;
    cpu.armed = deadline;
    platform().set_timer(deadline);
}

void Timer::start_before_switch(Deadline deadline) {
    const interrupts::Masked masked;
    CpuTimers& here = CpuTimers::current();
    CpuTimers& home = lock_with_home(here, home_);
    if (started_) home.heap(clock_).remove(*this);
    home_.store(here.index, std::memory_order_relaxed);
    if (&home != &here) home.timer_lock.release();
    deadline_ = deadline.at;
    clock_ = deadline.clock;
    here.heap(clock_).insert(*this);
    here.timer_lock.release();
}

void Timer::start(Deadline deadline) {
    const interrupts::Masked masked;
    start_before_switch(deadline);
    TimerQueue::arm();
}

bool Timer::cancel() {
    bool cancelled = false;
    // Without the lock, a timer that another vCPU is about to fire may look as if it had fired.
    if (started_ || Cpu::several()) {
        const interrupts::Masked masked;
        CpuTimers& here = CpuTimers::current();
        CpuTimers& home = lock_with_home(here, home_);
        if (started_) {
            home.heap(clock_).remove(*this);
            cancelled = true;
        }
        home.timer_lock.release();
        if (&home != &here) here.timer_lock.release();
    }
    if (Cpu::several()) wait_for_callback();
    return cancelled;
}

}  // namespace tenon
