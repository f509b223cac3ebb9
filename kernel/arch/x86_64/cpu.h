// SPDX-License-Identifier: Apache-2.0
// Per-vCPU data, reached through the GS base.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hypercall/events.h"

namespace tenon {

class Thread;
class RunQueue;

/// GS base points at this vCPU's Cpu. Fields are read and written by their own vCPU only, unless they say otherwise.
struct Cpu {
    Cpu* self;
    /// Pending and mask words of this vCPU: in the event page that hv shares (pv), or in private memory (hvm).
    abi::VcpuEvents* events;
    Thread* current_thread;
    RunQueue* run_queue;
    std::uint32_t index;
    bool reschedule;  ///< a more urgent thread became runnable, or the time slice ended

    /// The calling vCPU's Cpu. Stable only while interrupts are masked once there is more than one vCPU.
    static Cpu& current() {
        Cpu* cpu;
        asm("mov %%gs:0, %0" : "=r"(cpu));
        return *cpu;
    }
};
static_assert(offsetof(Cpu, self) == 0 && offsetof(Cpu, events) == 8);

inline std::uint64_t read_tsc() {
    std::uint32_t low, high;
    asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

/// The same without waiting for earlier instructions: for sums over time, where some ns early or late do not count.
inline std::uint64_t read_tsc_roughly() {
    std::uint32_t low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

inline void cpu_relax() { asm volatile("pause" ::: "memory"); }

}  // namespace tenon
