// SPDX-License-Identifier: Apache-2.0
// Choosing the thread that runs next.
#pragma once

#include <bit>
#include <cstdint>

#include "kernel/sched/thread.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {

/// Runnable threads of one vCPU, by priority, in order of arrival. The lock guards it and the `state_` of its threads.
class RunQueue {
public:
    void push_back(Thread& thread);
    void push_front(Thread& thread);
    /// Removes and returns the most urgent thread; null if there is none.
    Thread* pop();
    /// `thread` is in this queue.
    void remove(Thread& thread);
    [[nodiscard]] bool empty() const { return occupied_ == 0; }
    [[nodiscard]] bool has(Priority priority) const {
        return ((occupied_ >> static_cast<unsigned>(priority)) & 1) != 0;
    }
    [[nodiscard]] bool has_above(Priority priority) const { return (occupied_ >> static_cast<unsigned>(priority)) > 1; }

    SpinLock lock{"run queue"};

private:
    std::uint32_t occupied_ = 0;  // a bit for each priority with threads
    IntrusiveList<Thread, RunTag> threads_[32];
};

struct PerCpu;

/// The scheduler of all vCPUs; its state is per vCPU (PerCpu). Interrupts are masked in every call.
class Scheduler {
public:
    /// Makes the calling context the idle thread of vCPU 0.
    static void initialize();
    /// The idle thread's loop: switches to runnable threads, and waits for events when there are none. The boot context
    /// ends here.
    [[noreturn]] static void idle();

    /// Blocks the calling thread, and releases `unlock` as soon as the thread can be woken.
    static void block(SpinLock& unlock);
    /// Makes a blocked thread runnable. If it is more urgent than the current one, it runs when interrupts are
    /// unmasked.
    static void make_runnable(Thread& thread);
    /// Called when a more urgent thread is runnable, or at the end of a time slice.
    static void preempt();
    static void yield();
    [[noreturn]] static void exit_current();
    /// Moves a runnable thread to the queue of its new priority.
    static void change_priority(Thread& thread, Priority priority);

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
    static void switch_away(PerCpu& cpu);
    static void start_slice(PerCpu& cpu);
    static void slice_ended(void* context);
    static void interrupt_for_switch(PerCpu& cpu);
};

}  // namespace tenon
