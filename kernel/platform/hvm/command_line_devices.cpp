// SPDX-License-Identifier: Apache-2.0
// Devices that the command line names.
#include "kernel/platform/hvm/command_line_devices.h"

#include <optional>

#include "hypercall/events.h"
#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/console/console.h"
#include "kernel/device/virtio_probe.h"
#include "kernel/options/command_line.h"
#include "kernel/platform/hvm/address_space.h"
#include "kernel/platform/hvm/device_options.h"
#include "kernel/platform/hvm/interrupt_lines.h"

namespace tenon::hvm {

namespace {

/// Returns what is wrong with the option, or null.
const char* probe_device(std::string_view text, std::uint32_t index) {
    const std::optional<MmioDeviceOption> device = parse_mmio_device(text);
    if (!device) return "not SIZE@ADDRESS:LINE";
    if (index >= abi::max_devices) return "too many devices";
    if (device->line >= interrupt_line_count()) return "no such interrupt line";
    if (!map_device_registers({device->address, device->size})) return "not an address of devices";
    const std::uint32_t event = abi::event::device_queue(index);
    route_interrupt_line(device->line, static_cast<std::uint8_t>(vector::first_interrupt + event));
    probe_virtio_mmio(device->address, device->size, event);
    return nullptr;
}

}  // namespace

std::uint32_t probe_command_line_devices() {
    std::uint32_t index = 0;
    for_each_kernel_option("virtio_mmio.device", [&](std::string_view text) {
        if (const char* problem = probe_device(text, index++); problem != nullptr)
            warn("kernel option virtio_mmio.device, number %u: %s", index, problem);
    });
    return index;
}

}  // namespace tenon::hvm
