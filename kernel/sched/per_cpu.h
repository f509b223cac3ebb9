// SPDX-License-Identifier: Apache-2.0
// The whole record of one vCPU: the part that traps use (Cpu), and the scheduler's state.
#pragma once

#include "kernel/sched/scheduler.h"
#include "kernel/time/timer.h"

namespace tenon {

/// Reached through GS base by current(), while interrupts are masked. Made by prepare_cpu().
struct PerCpu : Cpu {
    RunQueue queue;
    Thread* idle_thread = nullptr;
    Thread* switched_from = nullptr;  ///< between a switch and finish_switch()
    SpinLock* unlock = nullptr;       ///< for finish_switch() to release
    std::uint64_t switches = 0;
    std::uint64_t switches_at_slice_start = 0;
    std::uint64_t running_since = 0;  ///< TSC at the switch to the current thread
    bool slice_running = false;
    Timer slice_timer{Scheduler::slice_ended, nullptr};

    static PerCpu& current() { return static_cast<PerCpu&>(Cpu::current()); }
    [[nodiscard]] Thread& thread() const { return static_cast<Thread&>(*current_thread); }
};

}  // namespace tenon
