// SPDX-License-Identifier: Apache-2.0
// Virtio devices that only a definition block describes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon::acpi {

struct VirtioMmioDevice {
    std::uint64_t address;  ///< guest-physical, of its registers
    std::uint64_t size;
    std::uint32_t input;  ///< of the I/O APIC; its line is active when high
};

/// Finds virtio-mmio devices (_HID "LNRO0005") in a definition block by the encoding of their resources: a
/// Memory32Fixed (ACPI 6.5, 6.4.3.4) and an Interrupt (6.4.3.6) behind the name. Writes as many as `devices` has room
/// for, and returns their number.
[[nodiscard]] std::size_t find_virtio_mmio(std::span<const std::byte> definition_block,
                                           std::span<VirtioMmioDevice> devices);

}  // namespace tenon::acpi
