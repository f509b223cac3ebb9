// SPDX-License-Identifier: Apache-2.0
// The parts of ACPI's tables that the kernel uses (ACPI 6.5, chapter 5; PCI Firmware 3.2, 4.1.2): PCI's configuration
// space, inputs of interrupt lines, virtio-mmio devices, and how to switch the machine off. No AML is interpreted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kernel/acpi/virtio_mmio.h"

namespace tenon::acpi {

/// Physical memory from 0 to `limit`, mapped at `base`; in tests a buffer.
struct PhysicalMemory {
    const std::byte* base;
    std::uint64_t limit;
    /// Empty if they are not all below the limit.
    [[nodiscard]] std::span<const std::byte> bytes(std::uint64_t address, std::uint64_t size) const {
        if (address == 0 || address > limit || size > limit - address) return {};
        return {base + address, size};
    }
};

/// Fixed hardware registers (4.8.3), as I/O ports; 0 where there is none.
struct FixedHardware {
    std::uint16_t event_port;  ///< PM1a status; its enable register is at event_enable_port
    std::uint16_t event_enable_port;
    std::uint16_t control_port;    ///< PM1a
    std::uint16_t control_port_b;  ///< PM1b
    std::uint16_t command_port;    ///< SMI_CMD
    std::uint8_t enable_command;   ///< value to write there so that firmware hands the fixed hardware over
    std::uint8_t interrupt_line;   ///< of the SCI: fixed events
    bool power_button;             ///< there is a fixed power button
    std::uint16_t reset_port;
    std::uint8_t reset_value;
};

/// Values of the object \_S5 for the two control registers: soft off (7.4.2).
struct SleepType {
    std::uint8_t a, b;
};

struct EnhancedConfiguration {
    std::uint64_t base;  ///< guest-physical, of bus 0
    std::uint8_t last_bus;
};

/// The I/O APIC's input for an ISA interrupt (5.2.12.5).
struct LineInput {
    std::uint32_t input;  ///< global number; the same as the number at the first I/O APIC
    bool active_low;
};

struct Tables {
    bool present = false;           ///< the machine has ACPI
    bool hardware_reduced = false;  ///< the machine has no PC chipset, only devices that ACPI describes
    FixedHardware fixed{};
    std::optional<SleepType> soft_off;
    /// Registers in memory of a hardware-reduced machine (4.8.3.6, 4.8.3.7), of one byte; 0 where there is none.
    std::uint64_t reset_address = 0, sleep_control_address = 0;
    std::uint8_t reset_value = 0;
    std::array<VirtioMmioDevice, 16> virtio_mmio{};  ///< of the DSDT of a hardware-reduced machine
    std::size_t virtio_mmio_count = 0;
    std::optional<EnhancedConfiguration> pci;              ///< of segment 0
    std::span<const std::byte> madt;                       ///< for read_processors(); empty: there is none
    std::array<std::optional<LineInput>, 16> overrides{};  ///< of the MADT, by number of the ISA's interrupt

    /// The input for the line that firmware has written into a function's configuration. Lines below 16 are ISA
    /// interrupts; others are inputs that only PCI uses, whose lines are active when low.
    [[nodiscard]] LineInput input_of(std::uint8_t line) const {
        if (line >= overrides.size()) return {.input = line, .active_low = true};
        return overrides[line].value_or(LineInput{.input = line, .active_low = false});
    }
};

/// Reads the tables that the RSDP at address `rsdp` leads to; 0: there is no ACPI. Skips tables that are cut short,
/// have a wrong checksum or contradict themselves.
[[nodiscard]] Tables read_tables(const PhysicalMemory& memory, std::uint64_t rsdp);

/// Finds \_S5's package in a definition block by its encoding: NameOp, "_S5_", PackageOp (20.2.2, 20.2.5).
[[nodiscard]] std::optional<SleepType> find_soft_off(std::span<const std::byte> definition_block);

}  // namespace tenon::acpi
