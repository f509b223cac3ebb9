// SPDX-License-Identifier: Apache-2.0
// Access to PCI's configuration space (PCI Local Bus 3.0, 3.2.2.3.2; PCI Express 5.0, 7.2.2), interrupt messages and
// lines.
#include "kernel/platform/hvm/pci_machine.h"

#include <algorithm>

#include "hypercall/events.h"
#include "kernel/arch/x86_64/port_io.h"
#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/base/address.h"
#include "kernel/console/console.h"
#include "kernel/device/virtio_probe.h"
#include "kernel/pci/interrupt_line.h"
#include "kernel/platform/hvm/address_space.h"
#include "kernel/platform/hvm/interrupt_lines.h"
#include "kernel/platform/hvm/local_apic.h"

namespace tenon::hvm {

namespace {

constexpr std::uint16_t address_port = 0xCF8, data_port = 0xCFC;
constexpr std::uint32_t address_enabled = 1U << 31;

std::uint32_t packed(pci::Location function) {
    return static_cast<std::uint32_t>(function.bus) << 16 | static_cast<std::uint32_t>(function.device) << 11 |
           static_cast<std::uint32_t>(function.function) << 8;
}

class PortSpace final : public pci::ConfigurationSpace {
public:
    std::uint32_t read(pci::Location function, std::uint8_t offset) override {
        out32(address_port, address_enabled | packed(function) | offset);
        return in32(data_port);
    }
    void write(pci::Location function, std::uint8_t offset, std::uint32_t value) override {
        out32(address_port, address_enabled | packed(function) | offset);
        out32(data_port, value);
    }
};

/// Registers in memory: 4 KiB a function, 1 MiB a bus. They are mapped.
class MemorySpace final : public pci::ConfigurationSpace {
public:
    explicit MemorySpace(std::uint64_t base) : base_(base) {}
    std::uint32_t read(pci::Location function, std::uint8_t offset) override { return *word(function, offset); }
    void write(pci::Location function, std::uint8_t offset, std::uint32_t value) override {
        *word(function, offset) = value;
    }

private:
    volatile std::uint32_t* word(pci::Location function, std::uint8_t offset) const {
        // A function has 4 KiB here, 256 bytes by ports: its number is shifted by so many bits more.
        constexpr unsigned more_registers = 4;
        return to_pointer<volatile std::uint32_t>(
            PhysicalAddress{base_ + (std::uint64_t{packed(function)} << more_registers) + offset});
    }
    std::uint64_t base_;
};

/// A host bridge's address register reads back what was written; without one, all bits read as 1.
bool ports_answer() {
    out32(address_port, address_enabled);
    return in32(address_port) == address_enabled;
}

/// SDM volume 3, 10.11: fixed delivery, edge, to the first vCPU.
PciResources::Interrupt interrupt_for(std::uint32_t event) {
    constexpr std::uint64_t message_address = 0xFEE0'0000;
    constexpr unsigned destination_shift = 12;
    return {.event = event,
            .message = {.address = message_address | std::uint64_t{interrupt_destination} << destination_shift,
                        .data = static_cast<std::uint32_t>(vector::first_interrupt) + event}};
}

constinit const acpi::Tables* firmware = nullptr;

/// All lines raise one event, whose handler asks each device in turn: they are few.
const char* route_line(pci::ConfigurationSpace& space, pci::Location function) {
    constexpr auto vector = static_cast<std::uint8_t>(vector::first_interrupt + abi::event::lines);
    const std::optional<std::uint8_t> line = pci::read_interrupt_line(space, function);
    if (!line) return "it has no MSI-X, and firmware has given it no interrupt line";
    const acpi::LineInput input = firmware->input_of(*line);
    if (input.input >= interrupt_line_count())
        return "it has no MSI-X, and the I/O APIC has no input for its interrupt line";
    const std::uint8_t routed = routed_vector(input.input);
    if (routed == 0) route_interrupt_line(input.input, vector, input.active_low);
    return routed == 0 || routed == vector ? nullptr : "it has no MSI-X, and its interrupt line is another device's";
}

/// Addresses between RAM and the interrupt controllers, which every PC's host bridge decodes, without configuration
/// space.
abi::MemoryRange free_hole(std::span<const abi::MemoryRange> ram, std::uint64_t configuration) {
    std::uint64_t begin = abi::hole_begin, end = to_integer(io_apic_address);
    for (const abi::MemoryRange& range : ram)
        if (range.base < end) begin = std::max(begin, range.base + range.size);
    if (configuration >= begin) end = std::min(end, configuration);
    return {begin, end > begin ? end - begin : 0};
}

void probe(pci::ConfigurationSpace& space, std::uint8_t last_bus, abi::MemoryRange hole, std::uint32_t index) {
    pci::for_each_function(space, last_bus, [&](const pci::Function& function) {
        constexpr std::uint32_t memory_and_master = pci::command_memory | pci::command_bus_master;
        // Disables the function's interrupt line: without a driver it could keep a shared line active and hide the
        // edges of others. Drivers that need lines enable theirs. A bridge still forwards lines of the devices behind
        // it (PCI Express 5.0, 7.5.1.1.3).
        pci::change_command(space, function.location, 0, pci::command_no_intx);
        if (function.header == pci::HeaderType::bridge) {
            pci::change_command(space, function.location, 0, memory_and_master);
            return;
        }
        constexpr std::uint32_t bridges = 0x06;
        if (function.class_code >> 24 == bridges) return;
        // Stops DMA of devices that firmware has used: their buffers are the kernel's memory now.
        pci::change_command(space, function.location, pci::command_bus_master, 0);
        if (index >= abi::max_devices) return;
        const PciResources resources{.configuration = interrupt_for(abi::event::device_config(index)),
                                     .queues = interrupt_for(abi::event::device_queue(index)),
                                     .hole = hole,
                                     .limit = address_space_limit,
                                     .route_line = route_line,
                                     .map = map_device_registers};
        if (probe_virtio_pci(space, function, resources)) ++index;
    });
    if (index >= abi::max_devices) warn("PCI: more than %u devices; the others are ignored", abi::max_devices);
}

}  // namespace

void probe_pci_devices(const acpi::Tables& tables, std::span<const abi::MemoryRange> ram, std::uint32_t first_index) {
    firmware = &tables;
    if (tables.pci) {
        constexpr std::uint64_t bus_size = 1 << 20;
        const std::uint64_t base = tables.pci->base, size = (tables.pci->last_bus + std::uint64_t{1}) * bus_size;
        if (base % bus_size != 0 || !map_device_registers({base, size})) {
            warn(
                "PCI: ACPI's MCFG puts configuration space at 0x%llx, where it cannot be; there will be no PCI devices",
                static_cast<unsigned long long>(base));
            return;
        }
        MemorySpace space(base);
        probe(space, tables.pci->last_bus, free_hole(ram, base), first_index);
    } else if (!tables.hardware_reduced && ports_answer()) {
        PortSpace space;
        probe(space, 255, free_hole(ram, 0), first_index);
    }
}

}  // namespace tenon::hvm
