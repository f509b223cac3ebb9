// SPDX-License-Identifier: Apache-2.0
// A machine's virtio-mmio devices, which the command line or ACPI names.
#include "kernel/platform/hvm/mmio_machine.h"

#include "hypercall/events.h"
#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/console/console.h"
#include "kernel/device/virtio_probe.h"
#include "kernel/platform/hvm/address_space.h"
#include "kernel/platform/hvm/interrupt_lines.h"

namespace tenon::hvm {

const char* probe_mmio_device(std::uint64_t address, std::uint64_t size, std::uint32_t line, std::uint32_t index) {
    if (index >= abi::max_devices) return "too many devices";
    if (line >= interrupt_line_count()) return "no such interrupt line";
    if (!map_device_registers({address, size})) return "not an address of devices";
    const std::uint32_t event = abi::event::device_queue(index);
    route_interrupt_line(line, static_cast<std::uint8_t>(vector::first_interrupt + event));
    probe_virtio_mmio(address, size, event);
    return nullptr;
}

std::uint32_t probe_acpi_devices(const acpi::Tables& tables, std::uint32_t named) {
    if (named != 0) return named;
    std::uint32_t index = 0;
    for (const acpi::VirtioMmioDevice& device : std::span(tables.virtio_mmio).first(tables.virtio_mmio_count)) {
        const char* problem = probe_mmio_device(device.address, device.size, device.input, index++);
        if (problem != nullptr)
            warn("ACPI's virtio device at 0x%llx: %s", static_cast<unsigned long long>(device.address), problem);
    }
    return index;
}

}  // namespace tenon::hvm
