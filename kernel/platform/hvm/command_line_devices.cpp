// SPDX-License-Identifier: Apache-2.0
// Devices that the command line names.
#include "kernel/platform/hvm/command_line_devices.h"

#include <optional>

#include "kernel/console/console.h"
#include "kernel/options/command_line.h"
#include "kernel/platform/hvm/device_options.h"
#include "kernel/platform/hvm/mmio_machine.h"

namespace tenon::hvm {

namespace {

/// Returns what is wrong with the option, or null.
const char* probe_device(std::string_view text, std::uint32_t index) {
    const std::optional<MmioDeviceOption> device = parse_mmio_device(text);
    if (!device) return "not SIZE@ADDRESS:LINE";
    return probe_mmio_device(device->address, device->size, device->line, index);
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
