// SPDX-License-Identifier: Apache-2.0
// Choosing the thread that runs next.
#pragma once

#include <cstdint>

#include "kernel/sched/placement.h"
#include "kernel/sched/thread.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {

struct PerCpu;

/// The scheduler of all vCPUs; its state is per vCPU (PerCpu). Interrupts are masked in every call.
///
/// Lock order, outermost first: a thing's own lock (wait queue, list of threads), then run queues, by vCPU index, then
/// timers, by vCPU index.
class Scheduler {
public:
    /// Makes the calling context the idle thread of vCPU 0.
    static void initialize();
    /// Makes the calling context the idle thread of another vCPU.
    static void adopt_idle_thread(Thread& thread);
    /// The idle thread of another vCPU, with a stack. Null: no memory.
    static Thread* create_idle_thread(std::uint32_t vcpu);
    /// Once, before a second vCPU runs.
    static void prepare_several();
    /// The idle thread's loop: switches to runnable threads, and waits for events when there are none. The contexts in
    /// which the vCPUs boot end here.
    [[noreturn]] static void idle();

    /// Blocks the calling thread, and releases `unlock` as soon as the thread can be woken.
    static void block(SpinLock& unlock);
    /// Makes a blocked thread runnable, on the vCPU that place() chooses. The caller holds what keeps others from
    /// waking it too. If it is more urgent than the thread that runs there, it runs when that unmasks interrupts.
    static void make_runnable(Thread& thread);
    /// Called when a more urgent thread is runnable, or at the end of a time slice.
    static void preempt();
    static void yield();
    /// Ends the calling thread, and releases `unlock` when nothing uses its stack any more.
    [[noreturn]] static void exit_current(SpinLock& unlock);
    /// Moves a runnable thread to the queue of its new priority.
    static void change_priority(Thread& thread, Priority priority);
    /// Moves a thread that is elsewhere to one of these vCPUs: at once if it waits, soon if it runs. At least one of
    /// them is online.
    static void change_affinity(Thread& thread, VcpuSet vcpus);

    /// The time that all vCPUs together have spent since boot. Time in interrupts counts for the interrupted thread.
    struct Times {
        Nanoseconds program;  ///< threads up to Priority::normal, without idle ones
        Nanoseconds system;   ///< more urgent ones: network, tools
        Nanoseconds idle;
    };
    static Times times();
    /// Runnable threads that are waiting for a vCPU.
    static std::uint32_t waiting_to_run();

    /// Switches between threads since boot.
    static std::uint64_t switches();
    /// Completes a switch, on the new thread's stack.
    static void finish_switch();

private:
    friend struct PerCpu;
    friend class Thread;
    static PerCpu& lock_home(const Thread& thread);
    static PerCpu& lock_destination(Thread& thread);
    static void make_runnable_somewhere(Thread& thread);
    static void interrupt_vcpu(PerCpu& cpu);
    static void place_anew(PerCpu& cpu);
    static bool take_out(PerCpu& cpu, Thread& thread);
    static void offer_to_idle_vcpu(const PerCpu& cpu, VcpuSet allowed);
    static Thread* take_next(PerCpu& cpu);
    static bool pull(PerCpu& cpu);
    static bool has_more_urgent(const PerCpu& cpu, Priority priority);
    static bool more_urgent_elsewhere(const PerCpu& cpu, Priority priority);
    static void put_back(PerCpu& cpu, Thread& current, bool keeps_turn);
    static bool wants_switch(PerCpu& cpu);
    static void look_at_queue(void* context);
    static void switch_away(PerCpu& cpu);
    static void start_slice(PerCpu& cpu);
    static void slice_ended(void* context);
    static void interrupt_for_switch(PerCpu& cpu);
};

}  // namespace tenon
