// SPDX-License-Identifier: Apache-2.0
// The record of each vCPU, reached through the GS base.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hypercall/events.h"
#include "kernel/arch/x86_64/cpu_offsets.h"

namespace tenon {

class ThreadRecord;

/// The part of a vCPU's record that entry code, interrupts and traps use; the scheduler's part follows it
/// (kernel/sched/per_cpu.h). GS base points at it. Fields are read and written by their own vCPU only.
struct Cpu {
    Cpu* self;
    /// Pending and mask words of this vCPU: in the event page that hv shares (pv), or in private memory (hvm).
    abi::VcpuEvents* events;
    ThreadRecord* current_thread;
    std::uint32_t index;
    bool reschedule;  ///< a more urgent thread became runnable, or the time slice ended

    /// The calling vCPU's record. With several vCPUs a thread may continue on another one whenever interrupts are
    /// unmasked, or after a switch.
    static Cpu& current() { return *read<Cpu*, 0>(); }
    // The same for single fields, in one instruction.
    static abi::VcpuEvents& current_events() { return *read<abi::VcpuEvents*, CPU_EVENTS>(); }
    static ThreadRecord* current_thread_record() { return read<ThreadRecord*, 16>(); }

private:
    template <typename T, std::size_t offset>
    static T read();
};
static_assert(offsetof(Cpu, self) == 0 && offsetof(Cpu, events) == CPU_EVENTS && offsetof(Cpu, current_thread) == 16);
static_assert(offsetof(abi::VcpuEvents, upcall_pending) == EVENTS_UPCALL_PENDING &&
              offsetof(abi::VcpuEvents, upcall_mask) == EVENTS_UPCALL_MASK &&
              offsetof(abi::VcpuEvents, pending) == EVENTS_PENDING);

/// Not defined: stands for what GS base points at, so that the compiler reads it again after every call, which may be a
/// switch to another vCPU.
extern Cpu memory_behind_gs;

template <typename T, std::size_t offset>
T Cpu::read() {
    T value;
    asm("mov %%gs:%c1, %0" : "=r"(value) : "i"(offset), "m"(memory_behind_gs));
    return value;
}

inline std::uint64_t read_tsc() {
    std::uint32_t low, high;
    asm volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

/// The same without waiting for earlier instructions: for statistics, where an error of some ns does not matter.
inline std::uint64_t read_tsc_roughly() {
    std::uint32_t low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

inline void cpu_relax() { asm volatile("pause" ::: "memory"); }

}  // namespace tenon
