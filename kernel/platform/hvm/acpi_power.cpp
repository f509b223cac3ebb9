// SPDX-License-Identifier: Apache-2.0
// ACPI's fixed registers PM1, their successors in memory, and the reset register.
#include "kernel/platform/hvm/acpi_power.h"

#include "hypercall/events.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/port_io.h"
#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/platform/hvm/address_space.h"
#include "kernel/platform/hvm/interrupt_lines.h"

namespace tenon::hvm {

namespace {

constexpr std::uint16_t power_button = 1 << 8;  // in the status and the enable register (4.8.4.1)
constexpr std::uint16_t sci_enabled = 1 << 0, sleep_enable = 1 << 13;
constexpr unsigned sleep_type_shift = 10;

/// A register of one byte in memory; nothing happens where there is none.
void write_register(std::uint64_t address, std::uint8_t value) {
    if (address == 0 || !map_device_registers({address, 1})) return;
    *to_pointer<volatile std::uint8_t>(PhysicalAddress{address}) = value;
}

/// Section 4.8.2.5: asks firmware to hand over the fixed hardware. True: the kernel owns it.
bool take_fixed_hardware(const acpi::FixedHardware& fixed) {
    if (fixed.control_port == 0) return false;
    if ((in16(fixed.control_port) & sci_enabled) != 0) return true;
    if (fixed.command_port == 0 || fixed.enable_command == 0) return false;
    out8(fixed.command_port, fixed.enable_command);
    constexpr int patience = 100'000;
    for (int attempt = 0; attempt < patience; ++attempt) {
        if ((in16(fixed.control_port) & sci_enabled) != 0) return true;
        cpu_relax();
    }
    return false;
}

}  // namespace

void listen_for_power_button(const acpi::Tables& tables) {
    const acpi::FixedHardware& fixed = tables.fixed;
    if (!fixed.power_button || fixed.interrupt_line >= interrupt_line_count() || !take_fixed_hardware(fixed)) return;
    // Enables the button only: any other event would keep the line active and hide the button's rising edge. If the
    // button was pressed before, the interrupt comes as soon as the line is routed.
    route_interrupt_line(fixed.interrupt_line,
                         static_cast<std::uint8_t>(vector::first_interrupt + abi::event::control));
    out16(fixed.event_enable_port, power_button);
}

bool take_power_button(const acpi::Tables& tables) {
    const acpi::FixedHardware& fixed = tables.fixed;
    if (!fixed.power_button || (in16(fixed.event_port) & power_button) == 0) return false;
    out16(fixed.event_port, power_button);  // ones clear
    return true;
}

void switch_off(const acpi::Tables& tables) {
    const acpi::FixedHardware& fixed = tables.fixed;
    if (!tables.soft_off) return;
    if (tables.hardware_reduced) {
        constexpr unsigned reduced_enable = 1 << 5, reduced_type_shift = 2;  // 4.8.3.7
        write_register(tables.sleep_control_address,
                       static_cast<std::uint8_t>(tables.soft_off->a << reduced_type_shift | reduced_enable));
        return;
    }
    if (!take_fixed_hardware(fixed)) return;
    const auto enter = [](std::uint16_t port, std::uint8_t type) {
        constexpr unsigned sleep_type_mask = 7 << sleep_type_shift;
        const unsigned kept = in16(port) & ~sleep_type_mask;
        out16(port, static_cast<std::uint16_t>(kept | static_cast<unsigned>(type) << sleep_type_shift | sleep_enable));
    };
    if (fixed.control_port_b != 0) enter(fixed.control_port_b, tables.soft_off->b);
    enter(fixed.control_port, tables.soft_off->a);
    // The processor may continue for a while.
    constexpr int patience = 100'000;
    for (int attempt = 0; attempt < patience; ++attempt) (void)in16(fixed.control_port);
}

void reset_by_acpi(const acpi::Tables& tables) {
    if (tables.fixed.reset_port != 0) out8(tables.fixed.reset_port, tables.fixed.reset_value);
    write_register(tables.reset_address, tables.reset_value);
}

}  // namespace tenon::hvm
