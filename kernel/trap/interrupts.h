// SPDX-License-Identifier: Apache-2.0
// Masking interrupts, and delivering events.
//
// Masking is one word in memory on every platform (abi::VcpuEvents::upcall_mask). On pv, hv reads it before it sends a
// signal; on hvm the interrupt gate reads it, leaves the event pending and returns. So masking needs no exit and no
// privileged instruction.
#pragma once

#include <cstdint>

#include "kernel/arch/x86_64/cpu.h"

namespace tenon::interrupts {

/// Runs the handlers of pending events. Interrupts are masked when it is called and unmasked when it returns.
void deliver_pending();

inline void mask() {
    Cpu::current_events().upcall_mask.store(1, std::memory_order_relaxed);
    asm volatile("" ::: "memory");
}

inline void unmask() {
    abi::VcpuEvents& events = Cpu::current_events();
    // Sequentially consistent: the other side sets upcall_pending and then reads the mask.
    events.upcall_mask.exchange(0);
    if (events.upcall_pending.load() != 0) [[unlikely]]
        deliver_pending();
}

[[nodiscard]] inline bool masked() { return Cpu::current_events().upcall_mask.load(std::memory_order_relaxed) != 0; }

/// Masks interrupts for its lifetime; nests.
class Masked {
public:
    Masked() : was_masked_(masked()) { mask(); }
    ~Masked() {
        if (!was_masked_) unmask();
    }
    Masked(const Masked&) = delete;
    Masked& operator=(const Masked&) = delete;

private:
    bool was_masked_;
};

/// `handler(context)` runs on the interrupted thread's stack with interrupts masked, whenever `event` (a bit of
/// abi::VcpuEvents::pending) arrives: it may wake threads, and must not block. One handler an event; set before the
/// event can arrive.
using Handler = void (*)(void* context);
void set_handler(std::uint32_t event, Handler handler, void* context);

/// Marks `event` pending on this vCPU as if it had arrived.
void raise(std::uint32_t event);

/// Switches to a more urgent thread, or, at the end of a time slice, to the next one of the same priority. Interrupts
/// are masked. The scheduler defines it (kernel/sched/scheduler.cpp).
void preempt_current_thread();

/// Events delivered since boot.
[[nodiscard]] std::uint64_t delivered();

}  // namespace tenon::interrupts
