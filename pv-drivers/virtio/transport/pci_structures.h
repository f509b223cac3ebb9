// SPDX-License-Identifier: Apache-2.0
// Where a virtio device keeps its registers on PCI (virtio 1.2, section 4.1.4).
#pragma once

#include <optional>

#include "hypercall/start_info.h"
#include "kernel/base/result.h"
#include "kernel/pci/configuration_space.h"

namespace tenon::virtio {

/// Guest-physical ranges that lie in the function's bars. The window in configuration space (section 4.1.4.9) is not
/// among them: bars are mapped here. Either `msix_table` or `isr` has a size, depending on the kind of interrupts.
struct PciStructures {
    abi::MemoryRange common;
    abi::MemoryRange notify;
    abi::MemoryRange device;  ///< size 0: the device has no configuration
    abi::MemoryRange isr;     ///< of a function without MSI-X (section 4.1.4.5.2)
    abi::MemoryRange msix_table;
    std::uint32_t notify_multiplier;
    std::uint32_t vectors;         ///< entries of the MSI-X table; 0: the function has none
    std::uint8_t msix_capability;  ///< its offset
};

/// Virtio device type of a function: from its identity, which is 0x1040 + type, or from a transitional device's
/// subsystem (section 4.1.2.1). Nothing: it is no virtio device.
[[nodiscard]] std::optional<std::uint32_t> virtio_type(pci::ConfigurationSpace& space, pci::Location function,
                                                       std::uint32_t identity);

/// Finds the structures: of each kind the first that can be used (section 4.1.4.1), which is inside a memory bar,
/// aligned and long enough. Bars without an address, or with one from `limit` on, get one in `hole` if the function is
/// on bus 0. The error is a text for people.
[[nodiscard]] std::expected<PciStructures, const char*> find_pci_structures(pci::ConfigurationSpace& space,
                                                                            pci::Location function,
                                                                            abi::MemoryRange hole, std::uint64_t limit);

}  // namespace tenon::virtio
