// SPDX-License-Identifier: Apache-2.0
// Hands the machine's memory to memory management.
#include "kernel/mm/init.h"

#include <bit>
#include <cstring>

#include "kernel/mm/heap.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/memory_plan.h"
#include "kernel/trap/panic.h"

namespace tenon {

namespace {

constinit abi::MemoryRange dma_range = {};

/// Adds the parts of `range` that are not taken to a zone, whose page 0 is at `zone_base`.
void add_free_pieces(Zone& zone, std::uint64_t zone_base, const abi::MemoryRange& range,
                     std::span<const abi::MemoryRange> taken) {
    for_each_free_piece(range, taken, [&](std::uint64_t begin, std::uint64_t end) {
        zone.pages.add(static_cast<PageIndex>((begin - zone_base) / page_size),
                       static_cast<PageIndex>((end - begin) / page_size));
        return false;
    });
}

}  // namespace

[[gnu::cold]] void initialize_memory(const MemoryMap& map) {
    const MemoryPlan plan = plan_memory(map);
    if (plan.error != nullptr) panic("memory: %s", plan.error);
    dma_range = plan.dma;

    auto* metadata = to_pointer<std::byte>(PhysicalAddress{plan.metadata.base});
    if (!map.ram_is_zero) std::memset(metadata, 0, plan.metadata.size);

    dma_zone().with([&](Zone& zone) {
        const auto first = static_cast<std::uint32_t>(plan.dma_base / page_size);
        zone.initialize(to_pointer<std::byte>(PhysicalAddress{plan.dma_base}),
                        PageRecords(metadata, plan.dma_page_count), plan.dma_page_count,
                        static_cast<std::uint32_t>(std::countr_zero(first)));
        add_free_pieces(zone, plan.dma_base, plan.dma, {});
    });
    ram_zone().with([&](Zone& zone) {
        zone.released_is_zero = map.ram_is_zero;
        zone.initialize(to_pointer<std::byte>(PhysicalAddress{0}),
                        PageRecords(metadata + PageRecords::bytes(plan.dma_page_count), plan.ram_page_count),
                        plan.ram_page_count, BuddyAllocator::order_count - 1);
        for (const abi::MemoryRange& range : map.ram)
            add_free_pieces(zone, 0, range, {plan.taken.data(), plan.taken_count});
    });
}

bool in_dma_zone(const void* pointer, std::size_t size) {
    const std::uint64_t offset = to_integer(to_physical(pointer)) - dma_range.base;
    return offset <= dma_range.size && size <= dma_range.size - offset;
}

std::size_t dma_zone_size() { return dma_range.size; }

}  // namespace tenon
