// SPDX-License-Identifier: Apache-2.0
// Delivery of pending events.
#include "kernel/trap/interrupts.h"

#include <bit>

#include "kernel/platform/platform.h"
#include "kernel/trap/panic.h"

namespace tenon::interrupts {

namespace {

struct Registration {
    Handler handler;
    void* context;
};
constinit Registration registrations[64] = {};
constinit std::atomic<std::uint64_t> delivered_count = 0;

}  // namespace

void set_handler(std::uint32_t event, Handler handler, void* context) {
    TENON_ASSERT(event < 64);
    Masked masked;
    registrations[event] = {handler, context};
}

void raise(std::uint32_t event) {
    abi::VcpuEvents& events = *Cpu::current().events;
    events.pending.fetch_or(1ULL << event);
    events.upcall_pending.store(1);
}

void send(const Cpu& cpu, std::uint32_t event) {
    // As hv sends one (hypercall/events.h).
    const std::uint64_t bit = 1ULL << event;
    if ((cpu.events->pending.fetch_or(bit) & bit) != 0 || cpu.events->upcall_pending.exchange(1) == 1) return;
    platform().notify(cpu);
}

void deliver_pending() {
    do {
        mask();
        // Looked up in every round: after a switch this may be another vCPU.
        abi::VcpuEvents& events = *Cpu::current().events;
        events.upcall_pending.store(0);
        std::uint64_t pending = events.pending.exchange(0);
        while (pending != 0) {
            const auto event = static_cast<unsigned>(std::countr_zero(pending));
            pending &= pending - 1;
            delivered_count.fetch_add(1, std::memory_order_relaxed);
            // An event has no handler after its driver has gone, or if the hypervisor sent it by mistake.
            if (const Registration& entry = registrations[event]; entry.handler != nullptr)
                entry.handler(entry.context);
        }
        if (Cpu::current().reschedule) preempt_current_thread();
        Cpu::current().events->upcall_mask.exchange(0);
    } while (notified());
}

std::uint64_t delivered() { return delivered_count.load(std::memory_order_relaxed); }

}  // namespace tenon::interrupts
