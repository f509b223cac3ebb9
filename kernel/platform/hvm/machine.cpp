// SPDX-License-Identifier: Apache-2.0
// Starting the processor.
#include "kernel/platform/hvm/machine.h"

#include "kernel/platform/hvm/address_space.h"
#include "kernel/platform/hvm/descriptor_tables.h"
#include "kernel/platform/hvm/event_timer.h"
#include "kernel/platform/hvm/hypervisor.h"
#include "kernel/platform/hvm/interrupt_lines.h"
#include "kernel/platform/hvm/local_apic.h"
#include "kernel/platform/hvm/uart.h"

namespace tenon::hvm {

namespace {
constinit DescriptorTables first_tables{};
}

void start_processor(const abi::PvClock& clock) {
    load_descriptor_tables(first_tables);
    if (!map_device_registers({to_integer(local_apic_address), page_size}) ||
        !map_device_registers({to_integer(io_apic_address), page_size}))
        refuse_to_boot("RAM where the interrupt controllers are", "");
    enable_local_apic();
    interrupt_destination = local_apic_id();
    silence_interrupt_lines();
    prepare_event_timer(clock);
    asm volatile("sti" ::: "memory");
}

void start_other_processor(DescriptorTables& tables) {
    load_descriptor_tables(tables);
    enable_local_apic();
    prepare_event_timer_here();
    asm volatile("sti" ::: "memory");
}

void refuse_to_boot(const char* what, const char* detail) {
    for (const char* text : {"tenon: cannot boot: ", what, detail, "\n"}) uart_write(text);
    signal_pvpanic();
    end_machine(0, 0);
}

}  // namespace tenon::hvm
