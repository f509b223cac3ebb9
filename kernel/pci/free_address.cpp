// SPDX-License-Identifier: Apache-2.0
// Finding a gap between the bars of bus 0.
#include "kernel/pci/free_address.h"

#include <array>
#include <span>

#include "kernel/base/address.h"
#include "kernel/pci/bar.h"
#include "kernel/pci/bus.h"

namespace tenon::pci {

namespace {

struct TakenRanges {
    static constexpr std::size_t most = 64;
    std::array<abi::MemoryRange, most> ranges;
    std::size_t count = 0;
    bool complete = true;

    void add(const abi::MemoryRange& range) {
        if (count == most)
            complete = false;
        else if (range.base != 0 && range.size != 0)
            ranges[count++] = range;
    }
    [[nodiscard]] std::span<const abi::MemoryRange> all() const { return std::span(ranges).first(count); }
};

void add_bars(ConfigurationSpace& space, const Function& function, TakenRanges& taken) {
    constexpr std::uint8_t bridge_bars = 2;
    const std::uint8_t bars = function.header == HeaderType::bridge ? bridge_bars : bar_count;
    for (std::uint8_t index = 0; index < bars; ++index) {
        const Result<abi::MemoryRange> range = read_bar(space, function.location, index);
        if (!range) continue;
        taken.add(*range);
        constexpr std::uint32_t is_64_bit = 4;
        const auto offset = static_cast<std::uint8_t>(word::first_bar + 4 * index);
        if ((space.read(function.location, offset) & is_64_bit) != 0) ++index;  // the next one is its upper half
    }
}

/// Base and limit in units of 1 MiB, both included; a window whose limit is below its base is closed.
void add_bridge_windows(ConfigurationSpace& space, Location bridge, TakenRanges& taken) {
    for (const std::uint8_t offset : {word::bridge_memory, word::bridge_prefetchable}) {
        const std::uint32_t window = space.read(bridge, offset);
        const std::uint64_t base = static_cast<std::uint64_t>(window & 0xFFF0) << 16;
        const std::uint64_t end = (static_cast<std::uint64_t>(window >> 16 & 0xFFF0) << 16) + (1 << 20);
        if (end > base) taken.add({base, end - base});
    }
}

}  // namespace

Result<std::uint64_t> find_free_address(ConfigurationSpace& space, abi::MemoryRange hole, std::uint64_t size) {
    if (size == 0 || size > hole.size) return fail(Error::no_memory);
    TakenRanges taken;
    for_each_function(space, 0, [&](const Function& function) {
        add_bars(space, function, taken);
        if (function.header == HeaderType::bridge) add_bridge_windows(space, function.location, taken);
    });
    if (!taken.complete) return fail(Error::no_memory);
    const std::uint64_t end = hole.base + hole.size;
    std::uint64_t address = align_up(hole.base, size);
    for (bool moved = true; moved && address < end && end - address >= size;) {
        moved = false;
        for (const abi::MemoryRange& range : taken.all()) {
            if (range.base >= address + size || address >= range.base + range.size) continue;
            address = align_up(range.base + range.size, size);
            moved = true;
        }
    }
    if (address >= end || end - address < size) return fail(Error::no_memory);
    return address;
}

}  // namespace tenon::pci
