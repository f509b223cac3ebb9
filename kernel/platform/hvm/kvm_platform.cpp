// SPDX-License-Identifier: Apache-2.0
// A hardware-assisted machine of hv.
#include "kernel/platform/hvm/kvm_platform.h"

#include "kernel/arch/x86_64/port_io.h"
#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/platform/device_search.h"
#include "kernel/platform/hvm/address_space.h"
#include "kernel/platform/hvm/event_timer.h"
#include "kernel/platform/hvm/interrupt_lines.h"
#include "kernel/platform/hvm/machine.h"
#include "kernel/trap/interrupts.h"

namespace tenon::hvm {

KvmPlatform::KvmPlatform(const abi::StartInfo& start, const HvOffer& offer, const abi::MemoryRange& tables)
    : HvMachine(start) {
    reserve(tables);
    set_hypercall_gate({.slots = &io<abi::HypercallSlot>(abi::io_zone::hypercall_slots),
                        .submit = [](abi::HypercallSlot&, std::uint32_t vcpu) { out32(abi::hypercall_port, vcpu); }});
    start_processor(clock_.clock);
    if (offer.control_line < interrupt_line_count())
        route_interrupt_line(offer.control_line,
                             static_cast<std::uint8_t>(vector::first_interrupt + abi::event::control));
    // The edge of a request from before the line was routed is lost, so the kernel looks once.
    if (io<const abi::EventPage>(abi::io_zone::events).control.load() != 0) interrupts::raise(abi::event::control);
}

void KvmPlatform::wait_for_event(Nanoseconds deadline) { halt_until_event(deadline); }
void KvmPlatform::set_timer(Nanoseconds deadline) { set_event_timer(deadline); }
void KvmPlatform::set_guard_page(void* page, bool guard) { set_guard(page, guard); }
void KvmPlatform::probe_devices() {
    if (device_search() != nullptr) (void)device_search()->command_line();
}

}  // namespace tenon::hvm
