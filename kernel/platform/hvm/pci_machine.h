// SPDX-License-Identifier: Apache-2.0
// PCI of a machine: the way to configuration space, and its virtio devices.
#pragma once

#include <span>

#include "hypercall/start_info.h"
#include "kernel/acpi/tables.h"

namespace tenon::hvm {

/// Hands the machine's virtio-pci devices to their drivers. Configuration space is where ACPI says, else at the ports
/// of old if something answers there; with ACPI of the hardware-reduced kind it is nowhere else. `first_index` is the
/// number of the first device (below abi::max_devices): it decides about the events.
void probe_pci_devices(const acpi::Tables& tables, std::span<const abi::MemoryRange> ram, std::uint32_t first_index);

}  // namespace tenon::hvm
