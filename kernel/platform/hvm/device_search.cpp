// SPDX-License-Identifier: Apache-2.0
// The code that finds devices; linked into images that have a driver.
#include "kernel/platform/device_search.h"

#include "kernel/device/virtio_probe.h"
#include "kernel/platform/hvm/command_line_devices.h"
#include "kernel/platform/hvm/mmio_machine.h"
#include "kernel/platform/hvm/pci_machine.h"

const char tenon_driver_is_linked = 1;

namespace tenon {

const DeviceSearch tenon_device_search{.device_page = probe_virtio_hypercall,
                                       .command_line = hvm::probe_command_line_devices,
                                       .acpi = hvm::probe_acpi_devices,
                                       .pci = hvm::probe_pci_devices};

}  // namespace tenon
