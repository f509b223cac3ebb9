// SPDX-License-Identifier: Apache-2.0
// A machine's PCI: access to configuration space, and its virtio devices.
#pragma once

#include <span>

#include "hypercall/start_info.h"
#include "kernel/acpi/tables.h"

namespace tenon::hvm {

/// Hands the machine's virtio-pci devices to their drivers. Configuration space is where ACPI's MCFG says; without one,
/// at the ports 0xCF8 and 0xCFC if a host bridge answers there and ACPI is not hardware-reduced. `first_index` (below
/// abi::max_devices) is the number of the first device, by which its events are chosen.
void probe_pci_devices(const acpi::Tables& tables, std::span<const abi::MemoryRange> ram, std::uint32_t first_index);

}  // namespace tenon::hvm
