// SPDX-License-Identifier: Apache-2.0
// MSI-X: interrupts that are writes to memory (PCI Local Bus 3.0, 6.8.2).
#pragma once

#include <optional>

#include "kernel/pci/configuration_space.h"

namespace tenon::pci {

struct MsixCapability {
    std::uint8_t offset;  ///< of the capability
    std::uint8_t table_bar;
    std::uint32_t table_offset;  ///< in that bar
    std::uint32_t entries;       ///< 1 to 2048
};
inline constexpr std::uint32_t msix_entry_size = 16;

/// The write by which a vector interrupts (on x86: SDM volume 3, 10.11).
struct InterruptMessage {
    std::uint64_t address;
    std::uint32_t data;
};

[[nodiscard]] std::optional<MsixCapability> find_msix(ConfigurationSpace& space, Location function);

/// Switches MSI-X off or on. To be off while the table is filled.
void enable_msix(ConfigurationSpace& space, Location function, const MsixCapability& capability, bool on);

/// Fills and unmasks entry `vector` of the mapped table. `Registers` has write32(offset, value).
template <typename Registers>
void write_msix_entry(Registers& table, std::uint32_t vector, const InterruptMessage& message) {
    const std::size_t entry = vector * std::size_t{msix_entry_size};
    constexpr std::uint32_t masked = 1;
    // Section 6.8.3.5: an entry may be changed only while it is masked.
    table.write32(entry + 12, masked);
    table.write32(entry + 0, static_cast<std::uint32_t>(message.address));
    table.write32(entry + 4, static_cast<std::uint32_t>(message.address >> 32));
    table.write32(entry + 8, message.data);
    table.write32(entry + 12, 0);
}

}  // namespace tenon::pci
