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

inline void mask() { asm volatile("movl $1, %%gs:%c0" : : "i"(GS_UPCALL_MASK) : "memory"); }

/// True: an event may be pending on this vCPU.
[[nodiscard]] inline bool notified() {
    bool result;
    asm volatile("cmpl $0, %%gs:%c1" : "=@ccne"(result) : "i"(GS_UPCALL_PENDING) : "memory");
    return result;
}

inline void unmask() {
    // XCHG, because the other side sets upcall_pending and then reads the mask. If an interrupt arrives behind it, and
    // moves the thread to another vCPU, it has served the first one's events.
    std::uint32_t zero = 0;
    asm volatile("xchg %0, %%gs:%c1" : "+r"(zero) : "i"(GS_UPCALL_MASK) : "memory");
    if (notified()) [[unlikely]]
        deliver_pending();
}

[[nodiscard]] inline bool masked() {
    bool result;
    asm volatile("cmpl $0, %%gs:%c1" : "=@ccne"(result) : "i"(GS_UPCALL_MASK) : "memory");
    return result;
}

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

/// Marks `event` pending on this vCPU as if it had arrived. Interrupts are masked.
void raise(std::uint32_t event);

/// Sends `event` to another vCPU; its handler runs there soon.
void send(const Cpu& cpu, std::uint32_t event);

/// Switches to a more urgent thread, or, at the end of a time slice, to the next one of the same priority. Interrupts
/// are masked. The scheduler defines it (kernel/sched/scheduler.cpp).
void preempt_current_thread();

/// Events delivered since boot.
[[nodiscard]] std::uint64_t delivered();

}  // namespace tenon::interrupts
