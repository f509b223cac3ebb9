// SPDX-License-Identifier: Apache-2.0
// The code that finds devices: an image without drivers does not contain it.
#pragma once

#include <cstdint>
#include <span>

#include "hypercall/start_info.h"
#include "kernel/acpi/tables.h"

namespace tenon {

/// Each platform calls the functions for its machine's buses, on the boot thread.
struct DeviceSearch {
    void (*device_page)(const abi::StartInfo& start);
    std::uint32_t (*command_line)();
    std::uint32_t (*acpi)(const acpi::Tables& tables, std::uint32_t named);
    void (*pci)(const acpi::Tables& tables, std::span<const abi::MemoryRange> ram, std::uint32_t first_index);
};

/// Weak: its object, and with it all code of buses and transports, is linked only if a driver asks for it
/// (tenon_driver_is_linked, kernel/device/virtio_probe.h). Otherwise its address is null.
extern "C" [[gnu::weak]] const DeviceSearch tenon_device_search;

/// Null in an image without drivers.
[[nodiscard]] inline const DeviceSearch* device_search() { return &tenon_device_search; }

}  // namespace tenon
