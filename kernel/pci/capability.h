// SPDX-License-Identifier: Apache-2.0
// The list of capabilities of a function (PCI Local Bus 3.0, 6.7).
#pragma once

#include <utility>

#include "kernel/pci/configuration_space.h"

namespace tenon::pci {

enum class CapabilityId : std::uint8_t { vendor_specific = 0x09, msix = 0x11 };

/// Calls visit(id, offset) for each capability, in order, until it returns false. Stops after as many as fit into
/// configuration space, should the list be a loop, and at an offset inside the header.
template <typename Visit>
void for_each_capability(ConfigurationSpace& space, Location function, Visit&& visit) {
    if ((space.read(function, word::command) & status_capabilities) == 0) return;
    constexpr std::uint32_t after_header = 0x40, smallest = 4, most = (256 - after_header) / smallest;
    std::uint32_t offset = space.read(function, word::capabilities) & 0xFC;
    for (std::uint32_t count = 0; count < most && offset >= after_header; ++count) {
        const std::uint32_t head = space.read(function, static_cast<std::uint8_t>(offset));
        if (!visit(static_cast<CapabilityId>(head & 0xFF), static_cast<std::uint8_t>(offset))) return;
        offset = head >> 8 & 0xFC;
    }
}

/// Reads `count` words of a capability at `offset`. Words beyond configuration space read as zeros.
template <std::size_t count>
void read_capability(ConfigurationSpace& space, Location function, std::uint8_t offset, std::uint32_t (&words)[count]) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t place = offset + 4 * i;
        words[i] = place < 256 ? space.read(function, static_cast<std::uint8_t>(place)) : 0;
    }
}

}  // namespace tenon::pci
