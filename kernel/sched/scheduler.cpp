// SPDX-License-Identifier: Apache-2.0
// Switching between threads: priorities first, turns among equals.
#include "kernel/sched/scheduler.h"

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/segment_base.h"
#include "kernel/platform/platform.h"
#include "kernel/sched/per_cpu.h"
#include "kernel/sched/thread_memory.h"
#include "kernel/sched/thread_times.h"
#include "kernel/time/timer_queue.h"
#include "kernel/trap/panic.h"

namespace tenon {

namespace {
constexpr Nanoseconds slice_length = 5'000'000;
}

void Scheduler::initialize() {
    PerCpu& cpu = PerCpu::current();
    Thread* idle_thread = ThreadMemory::create_idle();
    TENON_ASSERT(idle_thread != nullptr);
    idle_thread->state_ = Thread::State::running;
    idle_thread->priority_ = Priority::idle;
    cpu.idle_thread = idle_thread;
    cpu.current_thread = idle_thread;
}

void Scheduler::idle() {
    PerCpu& cpu = PerCpu::current();  // an idle thread stays on its vCPU
    cpu.running_since = read_tsc_roughly();
    ThreadTimes::start(cpu.running_since);
    for (;;) {
        interrupts::mask();
        if (cpu.queue.empty()) {
            platform().wait_for_event(TimerQueue::first_deadline());
            TimerQueue::expire();
        }
        interrupts::unmask();
        interrupts::Masked masked;
        if (!cpu.queue.empty()) yield();
    }
}

/// Time slices exist only while threads of one priority compete: there is no tick otherwise. A thread that has run
/// through a whole slice without any switch loses its turn.
void Scheduler::start_slice(PerCpu& cpu) {
    if (cpu.slice_running) return;
    cpu.slice_running = true;
    cpu.switches_at_slice_start = cpu.switches;
    cpu.slice_timer.start(monotonic_now() + slice_length);
}

void Scheduler::slice_ended(void*) {
    PerCpu& cpu = PerCpu::current();
    cpu.slice_running = false;
    if (!cpu.queue.has(cpu.thread().priority_)) return;
    if (cpu.switches == cpu.switches_at_slice_start) cpu.reschedule = true;
    start_slice(cpu);
}

/// The switch happens when interrupts are unmasked.
void Scheduler::interrupt_for_switch(PerCpu& cpu) {
    if (cpu.reschedule) return;
    cpu.reschedule = true;
    interrupts::raise(abi::event::reschedule);
}

void Scheduler::make_runnable(Thread& thread) {
    PerCpu& cpu = PerCpu::current();
    cpu.queue.lock.acquire();
    thread.state_ = Thread::State::runnable;
    cpu.queue.push_back(thread);
    cpu.queue.lock.release();
    const Priority current = cpu.thread().priority_;
    if (thread.priority_ > current)
        interrupt_for_switch(cpu);
    else if (thread.priority_ == current)
        start_slice(cpu);
}

/// Switches to the most urgent runnable thread; the caller has put the current one where it belongs. The queue's lock
/// is held here and released by finish_switch.
void Scheduler::switch_away(PerCpu& cpu) {
    Thread* previous = &cpu.thread();
    Thread* next = cpu.queue.pop();
    if (next == nullptr) next = cpu.idle_thread;
    next->state_ = Thread::State::running;
    cpu.reschedule = false;
    if (next == previous) {
        cpu.queue.lock.release();
        return;
    }
    if (cpu.queue.has(next->priority_)) start_slice(cpu);
    // The idle thread halts until the first deadline; any other thread needs the hardware timer.
    if (next != cpu.idle_thread) TimerQueue::arm();
    cpu.switches++;
    const std::uint64_t now = read_tsc_roughly();
    previous->run_ticks_ += now - cpu.running_since;
    cpu.running_since = now;
    cpu.switched_from = previous;
    cpu.current_thread = next;
    if (next->thread_pointer_ != 0) write_fs_base(next->thread_pointer_);
    tenon_switch_stacks(&previous->saved_stack_pointer_, next->saved_stack_pointer_);
    finish_switch();
}

void Scheduler::finish_switch() {
    // Looked up again: the thread that continues may have come from another vCPU.
    PerCpu& cpu = PerCpu::current();
    Thread* previous = cpu.switched_from;
    SpinLock* unlock = cpu.unlock;
    cpu.unlock = nullptr;
    cpu.queue.lock.release();
    if (unlock != nullptr) unlock->release();
    if (previous->state_ == Thread::State::ended && previous->detached_) ThreadMemory::destroy(*previous);
}

void Scheduler::block(SpinLock& unlock) {
    PerCpu& cpu = PerCpu::current();
    cpu.queue.lock.acquire();
    cpu.thread().state_ = Thread::State::blocked;
    cpu.unlock = &unlock;
    switch_away(cpu);
}

void Scheduler::preempt() {
    PerCpu& cpu = PerCpu::current();
    Thread& current = cpu.thread();
    cpu.queue.lock.acquire();
    cpu.reschedule = false;
    if (current.state_ == Thread::State::running && &current != cpu.idle_thread) {
        const bool more_urgent = cpu.queue.has_above(current.priority_);
        if (!more_urgent && !cpu.queue.has(current.priority_)) {
            cpu.queue.lock.release();
            return;
        }
        current.state_ = Thread::State::runnable;
        // A thread preempted by a more urgent one keeps its turn; one that used up its slice goes to the end.
        if (more_urgent)
            cpu.queue.push_front(current);
        else
            cpu.queue.push_back(current);
    }
    switch_away(cpu);
}

void interrupts::preempt_current_thread() { Scheduler::preempt(); }

void Scheduler::yield() {
    PerCpu& cpu = PerCpu::current();
    Thread& current = cpu.thread();
    cpu.queue.lock.acquire();
    if (cpu.queue.empty()) {
        cpu.queue.lock.release();
        return;
    }
    if (&current != cpu.idle_thread) {
        current.state_ = Thread::State::runnable;
        cpu.queue.push_back(current);
    }
    switch_away(cpu);
}

void Scheduler::exit_current() {
    PerCpu& cpu = PerCpu::current();
    cpu.queue.lock.acquire();
    cpu.thread().state_ = Thread::State::ended;
    switch_away(cpu);
    panic("an ended thread runs");
}

void Scheduler::change_priority(Thread& thread, Priority priority) {
    PerCpu& cpu = PerCpu::current();
    cpu.queue.lock.acquire();
    if (thread.state_ == Thread::State::runnable) {
        cpu.queue.remove(thread);
        thread.priority_ = priority;
        cpu.queue.push_back(thread);
    } else {
        thread.priority_ = priority;
    }
    const bool more_urgent = cpu.queue.has_above(cpu.thread().priority_);
    cpu.queue.lock.release();
    if (more_urgent) interrupt_for_switch(cpu);
}

std::uint64_t Thread::run_ticks() const {
    const PerCpu& cpu = PerCpu::current();
    return run_ticks_ + (this == cpu.current_thread ? read_tsc_roughly() - cpu.running_since : 0);
}

std::uint64_t Scheduler::switches() { return PerCpu::current().switches; }

}  // namespace tenon
