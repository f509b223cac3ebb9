// SPDX-License-Identifier: Apache-2.0
// The record of each vCPU, reached through the GS base.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "hypercall/events.h"
#include "kernel/arch/x86_64/cpu_offsets.h"
#include "kernel/arch/x86_64/segment_base.h"

namespace tenon {

class ThreadRecord;

/// The part of a vCPU's record that entry code, interrupts and traps use; the parts of time and of the scheduler follow
/// it (kernel/sched/per_cpu.h). GS base points at the vCPU's event words, behind which the addresses of its record and
/// of its current thread stand (VcpuEvents::guest_words).
///
/// A thread may continue on another vCPU after every instruction that runs with interrupts unmasked, and after every
/// switch: a reference to a Cpu is used only between the two, and the words that unmasked code reaches (interrupt mask,
/// pending word, current thread) are read and written by one GS-relative instruction each.
struct Cpu {
    /// Pending and mask words of this vCPU: in the event page that hv shares (pv), or in private memory (hvm).
    abi::VcpuEvents* events;
    std::uint32_t index;
    bool reschedule;  ///< a more urgent thread became runnable, or the time slice ended

    /// All records, by index; those of the first `count` vCPUs are there, and stay.
    static inline constinit std::array<Cpu*, abi::max_vcpus> all{};
    static inline constinit std::atomic<std::uint32_t> count = 1;
    [[nodiscard]] static bool several() { return count.load(std::memory_order_relaxed) > 1; }

    /// The calling vCPU's record; interrupts are masked.
    static Cpu& current() { return *read<Cpu*, GS_CPU>(); }
    /// The calling thread, wherever it runs. Null: before the scheduler is initialised.
    static ThreadRecord* current_thread_record() { return read<ThreadRecord*, GS_THREAD>(); }
    /// At a switch; interrupts are masked.
    static void set_current_thread_record(ThreadRecord* thread) {
        asm volatile("mov %0, %%gs:%c1" : : "r"(thread), "i"(GS_THREAD) : "memory");
    }
    /// This vCPU's current thread; for other vCPUs it is what was so a moment ago.
    [[nodiscard]] const ThreadRecord* thread() const {
        return reinterpret_cast<const ThreadRecord*>(events->guest_words[1]);
    }
    /// Makes the calling vCPU's GS base reach this record, which has its events. No thread is current.
    void attach() {
        events->guest_words[0] = reinterpret_cast<std::uint64_t>(this);
        events->guest_words[1] = 0;
        write_gs_base(reinterpret_cast<std::uint64_t>(events));
    }

private:
    template <typename T, std::size_t offset>
    static T read();
};
static_assert(offsetof(abi::VcpuEvents, upcall_pending) == GS_UPCALL_PENDING &&
              offsetof(abi::VcpuEvents, upcall_mask) == GS_UPCALL_MASK &&
              offsetof(abi::VcpuEvents, pending) == GS_PENDING && offsetof(abi::VcpuEvents, guest_words) == GS_CPU &&
              GS_THREAD == GS_CPU + sizeof(std::uint64_t));

/// Not defined: stands for what GS base points at, so that the compiler reads it again after every call, which may be a
/// switch to another vCPU.
extern abi::VcpuEvents memory_behind_gs;

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
