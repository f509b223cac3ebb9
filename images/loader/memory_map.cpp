// SPDX-License-Identifier: Apache-2.0
// The firmware's memory map (UEFI 2.10, 7.2.3), and PVH's, which the kernel gets.
#include "images/loader/memory_map.h"

#include <algorithm>
#include <cstring>

namespace tenon::loader {

namespace {

using abi::pvh::MemoryMapEntry;
using abi::pvh::MemoryType;

MemoryType pvh_type(FirmwareMemoryType type) {
    if (becomes_free(type)) return MemoryType::ram;
    switch (type) {
        case FirmwareMemoryType::acpi_reclaim: return MemoryType::acpi;
        case FirmwareMemoryType::acpi_nvs: return MemoryType::acpi_nvs;
        case FirmwareMemoryType::unusable: return MemoryType::unusable;
        default: return MemoryType::reserved;
    }
}

}  // namespace

FirmwareMemory FirmwareMap::operator[](std::size_t index) const {
    FirmwareMemory memory;
    std::memcpy(&memory, bytes_.data() + index * stride_, sizeof memory);
    // A range that wraps is empty.
    constexpr std::uint64_t most_pages = 1ULL << 52;
    if (memory.pages >= most_pages || memory.end() < memory.base) memory.pages = 0;
    return memory;
}

bool becomes_free(FirmwareMemoryType type) {
    switch (type) {
        case FirmwareMemoryType::loader_code:
        case FirmwareMemoryType::loader_data:
        case FirmwareMemoryType::boot_services_code:
        case FirmwareMemoryType::boot_services_data:
        case FirmwareMemoryType::conventional: return true;
        default: return false;
    }
}

Result<> check_place(const FirmwareMap& map, const Extent& extent) {
    for (std::uint64_t begin = extent.begin; begin < extent.end;) {
        // The descriptor that `begin` is in; the firmware does not have to sort them.
        std::uint64_t end = begin, next = extent.end;
        for (std::size_t i = 0; i < map.size(); ++i) {
            const FirmwareMemory memory = map[i];
            if (memory.base > begin) next = std::min(next, memory.base);
            if (memory.base > begin || memory.end() <= begin) continue;
            end = std::min(memory.end(), extent.end);
            if (!becomes_free(memory.type))
                return fail(
                    "the image must be at % to %, and the firmware keeps % to % (make the image smaller; under QEMU, "
                    "-global ICH9-LPC.disable_s3=1 may help)",
                    {extent.begin, extent.end, begin, end});
        }
        if (end == begin)
            return fail("the image must be at % to %, and there is no memory at % to % (give the machine more)",
                        {extent.begin, extent.end, begin, next});
        begin = end;
    }
    return {};
}

Result<std::size_t> convert_map(const FirmwareMap& map, std::span<MemoryMapEntry> target) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < map.size(); ++i) {
        const FirmwareMemory memory = map[i];
        if (memory.pages == 0) continue;
        const MemoryMapEntry entry{
            .base = memory.base, .size = memory.end() - memory.base, .type = pvh_type(memory.type), .reserved = 0};
        MemoryMapEntry* place =
            std::ranges::upper_bound(target.data(), target.data() + count, entry.base, {}, &MemoryMapEntry::base);
        const bool joins_previous =
            place != target.data() && place[-1].type == entry.type && place[-1].base + place[-1].size == entry.base;
        const bool joins_next =
            place != target.data() + count && place->type == entry.type && entry.base + entry.size == place->base;
        if (joins_previous) {
            place[-1].size += entry.size;
            if (!joins_next) continue;
            place[-1].size += place->size;
            std::copy(place + 1, target.data() + count--, place);
        } else if (joins_next) {
            place->base = entry.base;
            place->size += entry.size;
        } else {
            if (count == target.size()) return fail("the firmware's memory map has more than % ranges", {count});
            std::copy_backward(place, target.data() + count, target.data() + count + 1);
            *place = entry;
            ++count;
        }
    }
    return count;
}

}  // namespace tenon::loader
