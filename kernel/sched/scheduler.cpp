// SPDX-License-Identifier: Apache-2.0
// Switching between threads: priorities first, turns among equals.
#include "kernel/sched/scheduler.h"

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/segment_base.h"
#include "kernel/platform/platform.h"
#include "kernel/sched/alone.h"
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
    // On the boot stack.
    Thread* idle_thread = ThreadMemory::create_idle();
    TENON_ASSERT(idle_thread != nullptr);
    ThreadTimes::start(read_tsc_roughly());
    adopt_idle_thread(*idle_thread);
}

void Scheduler::adopt_idle_thread(Thread& thread) {
    PerCpu& cpu = PerCpu::current();
    thread.state_ = Thread::State::running;
    thread.priority_ = Priority::idle;
    cpu.idle_thread = &thread;
    Cpu::set_current_thread_record(&thread);
    cpu.running_since = read_tsc_roughly();
}

void Scheduler::idle() {
    PerCpu& cpu = PerCpu::current();  // an idle thread stays on its vCPU
    for (;;) {
        interrupts::mask();
        if (cpu.queue.empty() && !(Cpu::several() && pull(cpu))) {
            platform().wait_for_event(TimerQueue::first_deadline());
            if (Cpu::several()) stay_stopped();
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
    if (cpu.queue.has(Thread::current().priority_)) {
        if (cpu.switches == cpu.switches_at_slice_start) cpu.reschedule = true;
    } else {
        if (!Cpu::several() || cpu.queue.empty()) return;
        place_anew(cpu);
    }
    start_slice(cpu);
}

/// The switch happens when interrupts are unmasked.
void Scheduler::interrupt_for_switch(PerCpu& cpu) {
    if (cpu.reschedule) return;
    cpu.reschedule = true;
    interrupts::raise(abi::event::reschedule);
}

/// Locks the queue that guards the thread's state.
PerCpu& Scheduler::lock_home(const Thread& thread) {
    for (;;) {
        PerCpu& cpu = PerCpu::at(thread.vcpu_.load(std::memory_order_relaxed));
        cpu.queue.lock.acquire();
        if (thread.vcpu_.load(std::memory_order_relaxed) == cpu.index) return cpu;
        cpu.queue.lock.release();
    }
}

void Scheduler::make_runnable(Thread& thread) {
    if (Cpu::several()) return make_runnable_somewhere(thread);
    PerCpu& cpu = PerCpu::current();
    cpu.queue.lock.acquire();
    thread.state_ = Thread::State::runnable;
    cpu.queue.push_back(thread);
    cpu.queue.lock.release();
    const Priority current = Thread::current().priority_;
    if (thread.priority_ > current)
        interrupt_for_switch(cpu);
    else if (thread.priority_ == current)
        start_slice(cpu);
}

/// Switches to the most urgent runnable thread; the caller has put the current one where it belongs. The queue's lock
/// is held here and released by finish_switch.
void Scheduler::switch_away(PerCpu& cpu) {
    Thread* previous = &Thread::current();
    Thread* next = Cpu::several() ? take_next(cpu) : cpu.queue.pop();
    if (next == nullptr) next = cpu.idle_thread;
    next->state_ = Thread::State::running;
    cpu.reschedule = false;
    cpu.running.store(next->priority_, std::memory_order_relaxed);
    if (next == previous) {
        cpu.queue.lock.release();
        return;
    }
    if (cpu.queue.has(next->priority_) || (Cpu::several() && !cpu.queue.empty())) start_slice(cpu);
    // The idle thread halts until the first deadline; any other thread needs the hardware timer.
    if (next != cpu.idle_thread) TimerQueue::arm();
    cpu.switches++;
    const std::uint64_t now = read_tsc_roughly();
    previous->run_ticks_ += now - cpu.running_since;
    cpu.running_since = now;
    cpu.switched_from = previous;
    Cpu::set_current_thread_record(next);
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
    // Read before the locks are released: then another vCPU may run, end and free the thread.
    const bool destroy = previous->state_ == Thread::State::ended && previous->detached_;
    cpu.queue.lock.release();
    if (unlock != nullptr) unlock->release();
    if (destroy) ThreadMemory::destroy(*previous);
    if (!Cpu::several()) return;
    if (Thread* leaving = std::exchange(cpu.leaving, nullptr); leaving != nullptr) make_runnable(*leaving);
    if (!cpu.queue.empty()) offer_to_idle_vcpu(cpu, every_vcpu);
}

void Scheduler::block(SpinLock& unlock) {
    PerCpu& cpu = PerCpu::current();
    cpu.queue.lock.acquire();
    Thread::current().state_ = Thread::State::blocked;
    cpu.unlock = &unlock;
    switch_away(cpu);
}

bool Scheduler::has_more_urgent(const PerCpu& cpu, Priority priority) {
    return cpu.queue.has_above(priority) || (Cpu::several() && more_urgent_elsewhere(cpu, priority));
}

void Scheduler::preempt() {
    PerCpu& cpu = PerCpu::current();
    Thread& current = Thread::current();
    cpu.queue.lock.acquire();
    cpu.reschedule = false;
    if (current.state_ == Thread::State::running && &current != cpu.idle_thread) {
        if (current.may_run_on(cpu.index) && !has_more_urgent(cpu, current.priority_) &&
            !cpu.queue.has(current.priority_)) {
            cpu.queue.lock.release();
            return;
        }
        put_back(cpu, current, cpu.queue.has_above(current.priority_));
    }
    switch_away(cpu);
}

/// The current thread lets others run. One that was preempted by a more urgent one keeps its turn; one that used up its
/// slice goes to the end.
void Scheduler::put_back(PerCpu& cpu, Thread& current, bool keeps_turn) {
    if (!current.may_run_on(cpu.index)) {
        // finish_switch() makes it runnable elsewhere, when nothing uses its stack any more.
        current.state_ = Thread::State::blocked;
        cpu.leaving = &current;
        return;
    }
    current.state_ = Thread::State::runnable;
    if (keeps_turn)
        cpu.queue.push_front(current);
    else
        cpu.queue.push_back(current);
}

void interrupts::preempt_current_thread() { Scheduler::preempt(); }

void Scheduler::yield() {
    PerCpu& cpu = PerCpu::current();
    Thread& current = Thread::current();
    cpu.queue.lock.acquire();
    if (cpu.queue.empty()) {
        cpu.queue.lock.release();
        return;
    }
    if (&current != cpu.idle_thread) put_back(cpu, current, false);
    switch_away(cpu);
}

void Scheduler::exit_current(SpinLock& unlock) {
    PerCpu& cpu = PerCpu::current();
    cpu.queue.lock.acquire();
    Thread::current().state_ = Thread::State::ended;
    cpu.unlock = &unlock;
    switch_away(cpu);
    panic("an ended thread runs");
}

/// The thread's home is `cpu`, whose queue is locked. True: it waited to run, and is in no queue now.
bool Scheduler::take_out(PerCpu& cpu, Thread& thread) {
    if (thread.state_ != Thread::State::runnable) return false;
    cpu.queue.remove(thread);
    thread.state_ = Thread::State::blocked;
    return true;
}

void Scheduler::change_priority(Thread& thread, Priority priority) {
    PerCpu& cpu = lock_home(thread);
    const bool waited = take_out(cpu, thread);
    thread.priority_ = priority;
    const bool runs = thread.state_ == Thread::State::running;
    if (runs) cpu.running.store(priority, std::memory_order_relaxed);
    const bool more_urgent = runs && has_more_urgent(cpu, priority);
    cpu.queue.lock.release();
    if (waited)
        make_runnable(thread);
    else if (more_urgent)
        interrupt_vcpu(cpu);
}

std::uint64_t Thread::run_ticks() const {
    PerCpu& cpu = Scheduler::lock_home(*this);
    std::uint64_t ticks = run_ticks_;
    if (cpu.thread() == this) ticks += read_tsc_roughly() - cpu.running_since;
    cpu.queue.lock.release();
    return ticks;
}

std::uint64_t Scheduler::switches() {
    std::uint64_t sum = 0;
    any_of_vcpus(PerCpu::online(), [&](std::uint32_t vcpu) { return sum += PerCpu::at(vcpu).switches, false; });
    return sum;
}

}  // namespace tenon
