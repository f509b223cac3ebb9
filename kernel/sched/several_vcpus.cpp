// SPDX-License-Identifier: Apache-2.0
// What the scheduler does only on a machine with several vCPUs. Compiled for size: every image carries it.
#include "kernel/sched/per_cpu.h"
#include "kernel/sched/thread_memory.h"

namespace tenon {

Thread* Scheduler::create_idle_thread(std::uint32_t vcpu) {
    Thread* thread = ThreadMemory::create_idle();
    if (thread == nullptr) return nullptr;
    thread->vcpu_.store(vcpu);
    thread->affinity_.store(1U << vcpu);
    return ThreadMemory::make_stack(*thread, smallest_stack_size) ? thread : nullptr;
}

void Scheduler::prepare_several() { interrupts::set_handler(abi::event::reschedule, look_at_queue, nullptr); }

/// Moves a thread that is in no queue to the vCPU that it is to run on, whose queue it locks.
PerCpu& Scheduler::lock_destination(Thread& thread) {
    for (;;) {
        PerCpu& to = PerCpu::at(place(thread.priority_, thread.vcpu_.load(std::memory_order_relaxed),
                                      thread.affinity() & PerCpu::online(), PerCpu::load_of));
        PerCpu& from = lock_home(thread);
        if (&to == &from) return to;
        // Both are locked while the thread moves: its state is guarded all the time.
        if (to.index < from.index) from.queue.lock.release();
        to.queue.lock.acquire();
        if (to.index < from.index) from.queue.lock.acquire();
        const bool allowed = thread.may_run_on(to.index);
        if (allowed) thread.vcpu_.store(to.index, std::memory_order_relaxed);
        from.queue.lock.release();
        if (allowed) return to;
        to.queue.lock.release();
    }
}

void Scheduler::make_runnable_somewhere(Thread& thread) {
    PerCpu& cpu = lock_destination(thread);
    thread.state_ = Thread::State::runnable;
    cpu.queue.push_back(thread);
    const Priority priority = thread.priority_, current = cpu.running.load(std::memory_order_relaxed);
    const VcpuSet affinity = thread.affinity();
    cpu.queue.lock.release();
    // It preempts the current thread, or a time slice begins.
    interrupt_vcpu(cpu);
    if (priority <= current) offer_to_idle_vcpu(cpu, affinity);
}

/// Has the vCPU, which may be this one, look at its queue and its current thread.
void Scheduler::interrupt_vcpu(PerCpu& cpu) {
    if (&cpu != &PerCpu::current())
        interrupts::send(cpu, abi::event::reschedule);
    else if (wants_switch(cpu))
        interrupt_for_switch(cpu);
}

/// A thread has waited for a slice behind a more urgent one: it goes to a vCPU where it takes turns, if there is one.
void Scheduler::place_anew(PerCpu& cpu) {
    cpu.queue.lock.acquire();
    Thread* thread = cpu.queue.pop();
    if (thread != nullptr) thread->state_ = Thread::State::blocked;
    cpu.queue.lock.release();
    if (thread != nullptr) make_runnable(*thread);
}

/// A thread waits in the queue of `cpu`. A vCPU that has become idle since its place was chosen looks for it.
void Scheduler::offer_to_idle_vcpu(const PerCpu& cpu, VcpuSet allowed) {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    any_of_vcpus(allowed & cpu.others(), [](std::uint32_t vcpu) {
        PerCpu& other = PerCpu::at(vcpu);
        if (!other.load().is_idle()) return false;
        interrupts::send(other, abi::event::reschedule);
        return true;
    });
}

/// The next thread of `cpu`, whose queue is locked: the most urgent one of its own queue, or a more urgent one that
/// waits for another vCPU. Null: there is none.
Thread* Scheduler::take_next(PerCpu& cpu) {
    const Priority own = cpu.queue.top();
    VcpuSet others = cpu.others();
    for (int index; (index = most_urgent_elsewhere(own, others, PerCpu::load_of)) >= 0;) {
        PerCpu& other = PerCpu::at(static_cast<std::uint32_t>(index));
        others &= ~(1U << other.index);
        // Waiting for the lock could end in a deadlock, as its holder may wait for this queue.
        if (!other.queue.lock.try_acquire()) {
            interrupts::raise(abi::event::reschedule);
            continue;
        }
        Thread* thread = other.queue.take_for(cpu.index, own);
        if (thread != nullptr) thread->vcpu_.store(cpu.index, std::memory_order_relaxed);
        other.queue.lock.release();
        if (thread != nullptr) return thread;
    }
    return cpu.queue.pop();
}

/// An idle vCPU takes a thread that waits for another one. False: none waits.
bool Scheduler::pull(PerCpu& cpu) {
    // The others see that this vCPU is idle before it looks: offer_to_idle_vcpu().
    std::atomic_thread_fence(std::memory_order_seq_cst);
    cpu.queue.lock.acquire();
    if (Thread* thread = take_next(cpu)) cpu.queue.push_front(*thread);
    cpu.queue.lock.release();
    return !cpu.queue.empty();
}

bool Scheduler::more_urgent_elsewhere(const PerCpu& cpu, Priority priority) {
    return most_urgent_elsewhere(priority, cpu.others(), PerCpu::load_of) >= 0;
}

/// A thread was put into the queue of this vCPU, waits in another one's, or was changed. False: the current thread
/// stays, until the end of its slice.
bool Scheduler::wants_switch(PerCpu& cpu) {
    const Thread& current = Thread::current();
    if (has_more_urgent(cpu, current.priority_) || !current.may_run_on(cpu.index)) return true;
    if (!cpu.queue.empty()) start_slice(cpu);
    return false;
}

/// In interrupt context: the switch follows.
void Scheduler::look_at_queue(void*) {
    PerCpu& cpu = PerCpu::current();
    if (wants_switch(cpu)) cpu.reschedule = true;
}

void Scheduler::change_affinity(Thread& thread, VcpuSet vcpus) {
    PerCpu& cpu = lock_home(thread);
    thread.affinity_.store(vcpus, std::memory_order_relaxed);
    const bool stays = thread.may_run_on(cpu.index);
    const bool waited = !stays && take_out(cpu, thread);
    const bool runs = thread.state_ == Thread::State::running;
    cpu.queue.lock.release();
    if (waited)
        make_runnable(thread);
    else if (!stays && runs)
        interrupt_vcpu(cpu);
}

}  // namespace tenon
