// SPDX-License-Identifier: Apache-2.0
// The whole record of one vCPU: the part that traps use (Cpu), its timers, and the scheduler's state.
#pragma once

#include "kernel/sched/placement.h"
#include "kernel/sched/scheduler.h"
#include "kernel/time/cpu_timers.h"

namespace tenon {

/// Reached by current() while interrupts are masked. Made by prepare_cpu(). Other vCPUs use `queue`, under its lock,
/// and load().
struct PerCpu : CpuTimers {
    /// Runnable threads. The lock guards them, and the vCPU, state and priority of every thread whose vCPU this is.
    struct : PriorityQueue<Thread> {
        SpinLock lock{"run queue"};
    } queue;
    std::atomic<Priority> running = Priority::idle;  ///< of the current thread
    Thread* idle_thread = nullptr;
    Thread* switched_from = nullptr;  ///< between a switch and finish_switch()
    Thread* leaving = nullptr;        ///< for finish_switch() to put on a vCPU that it may run on
    SpinLock* unlock = nullptr;       ///< for finish_switch() to release
    std::uint64_t switches = 0;
    std::uint64_t switches_at_slice_start = 0;
    std::uint64_t running_since = 0;  ///< TSC at the switch to the current thread
    bool slice_running = false;
    Timer slice_timer{Scheduler::slice_ended, nullptr};

    static PerCpu& current() { return static_cast<PerCpu&>(Cpu::current()); }
    static PerCpu& at(std::uint32_t index) { return static_cast<PerCpu&>(*all[index]); }
    /// All vCPUs that run threads.
    static VcpuSet online() { return every_vcpu >> (abi::max_vcpus - count.load(std::memory_order_relaxed)); }
    /// Those but this one.
    [[nodiscard]] VcpuSet others() const { return online() & ~(1U << index); }
    [[nodiscard]] Load load() const { return {running.load(std::memory_order_relaxed), queue.top()}; }
    static Load load_of(std::uint32_t index) { return at(index).load(); }
};

}  // namespace tenon
