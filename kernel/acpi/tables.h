// SPDX-License-Identifier: Apache-2.0
// What the kernel wants to know of ACPI's tables (ACPI 6.5, chapter 5; PCI Firmware 3.2, 4.1.2): where PCI's
// configuration space is, where interrupt lines arrive, and how the machine is switched off. No AML is interpreted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tenon::acpi {

/// Physical memory from 0 to `limit`, as it is mapped while tables are read, or a test's buffer.
struct PhysicalMemory {
    const std::byte* base;
    std::uint64_t limit;
    /// Empty if they are not all there.
    [[nodiscard]] std::span<const std::byte> bytes(std::uint64_t address, std::uint64_t size) const {
        if (address == 0 || address > limit || size > limit - address) return {};
        return {base + address, size};
    }
};

/// Fixed hardware registers (4.8.3), as I/O ports; 0 where there is none.
struct FixedHardware {
    std::uint16_t event_port;  ///< PM1a status; the enable register stands behind it, at event_enable_port
    std::uint16_t event_enable_port;
    std::uint16_t control_port;    ///< PM1a
    std::uint16_t control_port_b;  ///< PM1b
    std::uint16_t command_port;    ///< SMI_CMD
    std::uint8_t enable_command;   ///< what is written there so that the fixed hardware is the system's
    std::uint8_t interrupt_line;   ///< of the SCI: fixed events
    bool power_button;             ///< the fixed one
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

/// Where an interrupt of the ISA arrives (5.2.12.5).
struct LineInput {
    std::uint32_t input;  ///< of the I/O APIC: its global number, as that APIC's begin at 0
    bool active_low;
};

struct Tables {
    bool present = false;           ///< there is ACPI
    bool hardware_reduced = false;  ///< and nothing of a PC's chipset besides what ACPI describes
    FixedHardware fixed{};
    std::optional<SleepType> soft_off;
    std::optional<EnhancedConfiguration> pci;              ///< of segment 0
    std::array<std::optional<LineInput>, 16> overrides{};  ///< of the MADT, by number of the ISA's interrupt

    /// Where the line arrives that firmware has written into a function's configuration: below 16 it is one of the
    /// ISA's, from there on an input that belongs to PCI alone, whose lines are low when they are active.
    [[nodiscard]] LineInput input_of(std::uint8_t line) const {
        if (line >= overrides.size()) return {.input = line, .active_low = true};
        return overrides[line].value_or(LineInput{.input = line, .active_low = false});
    }
};

/// Reads what begins at `rsdp`, 0: there is no ACPI. Tables that are cut short, have a wrong checksum or say nonsense
/// are passed over.
[[nodiscard]] Tables read_tables(const PhysicalMemory& memory, std::uint64_t rsdp);

/// Looks for \_S5's package in a definition block by its encoding: NameOp, "_S5_", PackageOp (20.2.2, 20.2.5).
[[nodiscard]] std::optional<SleepType> find_soft_off(std::span<const std::byte> definition_block);

}  // namespace tenon::acpi
