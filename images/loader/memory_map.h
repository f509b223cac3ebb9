// SPDX-License-Identifier: Apache-2.0
// The firmware's memory map (UEFI 2.10, 7.2.3), and PVH's, which the kernel gets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hypercall/pvh.h"
#include "images/loader/image.h"
#include "images/loader/result.h"

namespace tenon::loader {

enum class FirmwareMemoryType : std::uint32_t {
    reserved,
    loader_code,
    loader_data,
    boot_services_code,
    boot_services_data,
    runtime_services_code,
    runtime_services_data,
    conventional,
    unusable,
    acpi_reclaim,
    acpi_nvs,
};

/// A descriptor as the firmware writes it; it may be followed by bytes of later versions.
struct FirmwareMemory {
    FirmwareMemoryType type;
    std::uint32_t padding;
    std::uint64_t base;
    std::uint64_t virtual_base;
    std::uint64_t pages;
    std::uint64_t attributes;
    [[nodiscard]] std::uint64_t end() const { return base + pages * 4096; }
};
static_assert(sizeof(FirmwareMemory) == 40);

/// A view of the map that GetMemoryMap() wrote, whose descriptors are `stride` bytes apart.
class FirmwareMap {
public:
    FirmwareMap(std::span<const std::byte> bytes, std::size_t stride) : bytes_(bytes), stride_(stride) {}
    [[nodiscard]] std::size_t size() const { return stride_ < sizeof(FirmwareMemory) ? 0 : bytes_.size() / stride_; }
    [[nodiscard]] FirmwareMemory operator[](std::size_t index) const;

private:
    std::span<const std::byte> bytes_;
    std::size_t stride_;
};

/// Whether the firmware leaves such memory to the operating system when boot services end.
[[nodiscard]] bool becomes_free(FirmwareMemoryType type);

/// Whether `extent` becomes free RAM; the error names the first range that does not.
[[nodiscard]] Result<> check_place(const FirmwareMap& map, const Extent& extent);

/// Writes PVH's map, ascending, adjacent ranges of one type joined; returns how many entries it has. Error: there are
/// more than `target` has room for.
[[nodiscard]] Result<std::size_t> convert_map(const FirmwareMap& map, std::span<abi::pvh::MemoryMapEntry> target);

}  // namespace tenon::loader
