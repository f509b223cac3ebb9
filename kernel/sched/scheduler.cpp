// SPDX-License-Identifier: Apache-2.0
// Switching between threads: priorities first, turns among equals.
#include "kernel/sched/scheduler.h"

#include "kernel/arch/x86_64/context.h"
#include "kernel/platform/platform.h"
#include "kernel/sched/thread_memory.h"
#include "kernel/sched/thread_times.h"
#include "kernel/time/timer_queue.h"
#include "kernel/trap/panic.h"

namespace tenon {

namespace {

constexpr Nanoseconds slice_length = 5'000'000;

/// What a vCPU's scheduler keeps; on vCPU 0 only until there are more.
struct PerCpu {
    RunQueue queue;
    Thread* idle_thread = nullptr;
    Thread* switched_from = nullptr;  // between a switch and finish_switch
    SpinLock* unlock = nullptr;       // to be released by finish_switch
    std::uint64_t switches = 0;
    std::uint64_t switches_at_slice_start = 0;
    bool slice_running = false;
    std::uint64_t running_since = 0;  // TSC when the current thread was taken up
};
constinit PerCpu per_cpu;

}  // namespace

void Scheduler::initialize() {
    Cpu& cpu = Cpu::current();
    Thread* idle_thread = ThreadMemory::create_idle();
    TENON_ASSERT(idle_thread != nullptr);
    idle_thread->state_ = Thread::State::running;
    idle_thread->priority_ = Priority::idle;
    per_cpu.idle_thread = idle_thread;
    cpu.current_thread = idle_thread;
    cpu.run_queue = &per_cpu.queue;
}

void Scheduler::idle() {
    per_cpu.running_since = read_tsc_roughly();
    ThreadTimes::start(per_cpu.running_since);
    for (;;) {
        interrupts::mask();
        if (per_cpu.queue.empty()) {
            platform().wait_for_event(TimerQueue::first_deadline());
            TimerQueue::expire();
        }
        interrupts::unmask();
        interrupts::Masked masked;
        if (!per_cpu.queue.empty()) yield();
    }
}

/// Time slices are only kept while threads of one priority compete: no tick otherwise. A thread that has run through a
/// whole slice without any switch loses its turn.
void Scheduler::start_slice() {
    if (per_cpu.slice_running) return;
    per_cpu.slice_running = true;
    per_cpu.switches_at_slice_start = per_cpu.switches;
    static Timer* const slice_timer = [] {
        alignas(Timer) static std::byte memory[sizeof(Timer)];
        return new (memory) Timer(slice_ended, nullptr);
    }();
    slice_timer->start(monotonic_now() + slice_length);
}

void Scheduler::slice_ended(void*) {
    per_cpu.slice_running = false;
    const Thread& current = Thread::current();
    if (!per_cpu.queue.has(current.priority_)) return;
    if (per_cpu.switches == per_cpu.switches_at_slice_start) Cpu::current().reschedule = true;
    start_slice();
}

void Scheduler::make_runnable(Thread& thread) {
    Cpu& cpu = Cpu::current();
    RunQueue& queue = *cpu.run_queue;
    queue.lock.acquire();
    thread.state_ = Thread::State::runnable;
    queue.push_back(thread);
    queue.lock.release();
    const Priority current = cpu.current_thread->priority_;
    if (thread.priority_ > current) {
        if (!cpu.reschedule) {
            cpu.reschedule = true;
            interrupts::raise(abi::event::reschedule);
        }
    } else if (thread.priority_ == current) {
        start_slice();
    }
}

/// Takes up the most urgent runnable thread; the caller has put the current one where it belongs. The queue's lock is
/// held here and released by finish_switch.
void Scheduler::switch_away(RunQueue& queue) {
    Cpu& cpu = Cpu::current();
    Thread* previous = cpu.current_thread;
    Thread* next = queue.pop();
    if (next == nullptr) next = per_cpu.idle_thread;
    next->state_ = Thread::State::running;
    cpu.reschedule = false;
    if (next == previous) {
        queue.lock.release();
        return;
    }
    if (queue.has(next->priority_)) start_slice();
    // An idle vCPU waits with the deadline; any other needs the timer.
    if (next != per_cpu.idle_thread) TimerQueue::arm();
    per_cpu.switches++;
    const std::uint64_t now = read_tsc_roughly();
    previous->run_ticks_ += now - per_cpu.running_since;
    per_cpu.running_since = now;
    per_cpu.switched_from = previous;
    cpu.current_thread = next;
    if (next->thread_pointer_ != 0) write_fs_base(next->thread_pointer_);
    tenon_switch_stacks(&previous->saved_stack_pointer_, next->saved_stack_pointer_);
    finish_switch();
}

void Scheduler::finish_switch() {
    Thread* previous = per_cpu.switched_from;
    SpinLock* unlock = per_cpu.unlock;
    per_cpu.unlock = nullptr;
    Cpu::current().run_queue->lock.release();
    if (unlock != nullptr) unlock->release();
    if (previous->state_ == Thread::State::ended && previous->detached_) ThreadMemory::destroy(*previous);
}

void Scheduler::block(SpinLock& unlock) {
    RunQueue& queue = *Cpu::current().run_queue;
    queue.lock.acquire();
    Cpu::current().current_thread->state_ = Thread::State::blocked;
    per_cpu.unlock = &unlock;
    switch_away(queue);
}

void Scheduler::preempt() {
    Cpu& cpu = Cpu::current();
    RunQueue& queue = *cpu.run_queue;
    Thread& current = *cpu.current_thread;
    queue.lock.acquire();
    cpu.reschedule = false;
    if (current.state_ == Thread::State::running && &current != per_cpu.idle_thread) {
        const bool more_urgent = queue.has_above(current.priority_);
        if (!more_urgent && !queue.has(current.priority_)) {
            queue.lock.release();
            return;
        }
        current.state_ = Thread::State::runnable;
        // Who is pushed aside by a more urgent thread keeps its turn; who used up its slice does not.
        if (more_urgent)
            queue.push_front(current);
        else
            queue.push_back(current);
    }
    switch_away(queue);
}

void Scheduler::yield() {
    Cpu& cpu = Cpu::current();
    RunQueue& queue = *cpu.run_queue;
    Thread& current = *cpu.current_thread;
    queue.lock.acquire();
    if (queue.empty()) {
        queue.lock.release();
        return;
    }
    if (&current != per_cpu.idle_thread) {
        current.state_ = Thread::State::runnable;
        queue.push_back(current);
    }
    switch_away(queue);
}

void Scheduler::exit_current() {
    RunQueue& queue = *Cpu::current().run_queue;
    queue.lock.acquire();
    Cpu::current().current_thread->state_ = Thread::State::ended;
    switch_away(queue);
    panic("an ended thread runs");
}

void Scheduler::change_priority(Thread& thread, Priority priority) {
    Cpu& cpu = Cpu::current();
    RunQueue& queue = *cpu.run_queue;
    queue.lock.acquire();
    if (thread.state_ == Thread::State::runnable) {
        queue.remove(thread);
        thread.priority_ = priority;
        queue.push_back(thread);
    } else {
        thread.priority_ = priority;
    }
    const bool pushed_aside = queue.has_above(cpu.current_thread->priority_);
    queue.lock.release();
    if (pushed_aside && !cpu.reschedule) {
        cpu.reschedule = true;
        interrupts::raise(abi::event::reschedule);
    }
}

std::uint64_t Thread::run_ticks() const {
    return run_ticks_ + (this == Cpu::current().current_thread ? read_tsc_roughly() - per_cpu.running_since : 0);
}

std::uint64_t Scheduler::switches() { return per_cpu.switches; }

}  // namespace tenon
