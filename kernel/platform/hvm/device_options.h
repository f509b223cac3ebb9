// SPDX-License-Identifier: Apache-2.0
// Devices that the kernel command line names: `virtio_mmio.device=SIZE@ADDRESS:LINE` (Linux,
// drivers/virtio/virtio_mmio.c).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon::hvm {

struct MmioDeviceOption {
    std::uint64_t size;
    std::uint64_t address;  ///< guest-physical
    std::uint32_t line;     ///< of the I/O APIC
};

/// Parses "512@0xfeb00000:5" or "4K@0xd0000000:5:0" (the id that may follow is ignored).
[[nodiscard]] std::optional<MmioDeviceOption> parse_mmio_device(std::string_view text);

}  // namespace tenon::hvm
