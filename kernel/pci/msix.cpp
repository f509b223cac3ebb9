// SPDX-License-Identifier: Apache-2.0
// The MSI-X capability.
#include "kernel/pci/msix.h"

#include "kernel/pci/capability.h"

namespace tenon::pci {

std::optional<MsixCapability> find_msix(ConfigurationSpace& space, Location function) {
    std::optional<MsixCapability> found;
    for_each_capability(space, function, [&](CapabilityId id, std::uint8_t offset) {
        if (id != CapabilityId::msix) return true;
        std::uint32_t words[2];
        read_capability(space, function, offset, words);
        constexpr std::uint32_t bar_mask = 7, size_mask = 0x7FF;
        found = MsixCapability{.offset = offset,
                               .table_bar = static_cast<std::uint8_t>(words[1] & bar_mask),
                               .table_offset = words[1] & ~bar_mask,
                               .entries = (words[0] >> 16 & size_mask) + 1};
        return false;
    });
    return found;
}

void enable_msix(ConfigurationSpace& space, Location function, const MsixCapability& capability, bool on) {
    constexpr std::uint32_t enabled = 1U << 31, all_masked = 1U << 30;
    const std::uint32_t control = space.read(function, capability.offset) & ~(enabled | all_masked);
    space.write(function, capability.offset, control | (on ? enabled : 0));
}

}  // namespace tenon::pci
