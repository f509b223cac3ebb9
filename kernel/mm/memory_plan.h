// SPDX-License-Identifier: Apache-2.0
// Deciding which part of RAM is used for what: a pure calculation, tested for every shape of machine.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "kernel/base/address.h"
#include "kernel/mm/page_record.h"
#include "kernel/platform/memory_map.h"

namespace tenon {

/// Everything in guest-physical bytes.
struct MemoryPlan {
    abi::MemoryRange dma;       ///< the map's, or carved out of RAM
    abi::MemoryRange metadata;  ///< the DMA zone's records, then RAM's
    PageIndex ram_page_count;   ///< records begin with page 0
    PageIndex dma_page_count;   ///< records begin with the page at dma_base
    std::uint64_t dma_base;     ///< a multiple of 2 MiB at or below the zone, so that blocks in it are aligned
    /// Ranges that the RAM zone does not get.
    std::array<abi::MemoryRange, 16> taken;
    std::uint32_t taken_count;
    const char* error;  ///< why there is no plan, or null
};

[[nodiscard]] MemoryPlan plan_memory(const MemoryMap& map);

/// Calls visit(begin, end) for each page-aligned piece of `range` that overlaps with none of `taken`, in order, until
/// it returns true. `taken` is in no order, and may overlap and be unaligned.
template <typename Visit>
bool for_each_free_piece(const abi::MemoryRange& range, std::span<const abi::MemoryRange> taken, Visit&& visit) {
    const std::uint64_t end = range.base + range.size;
    for (std::uint64_t cursor = range.base; cursor < end;) {
        // The lowest taken range that ends beyond the cursor.
        const abi::MemoryRange* next = nullptr;
        for (const abi::MemoryRange& piece : taken)
            if (piece.size != 0 && piece.base + piece.size > cursor && piece.base < end &&
                (next == nullptr || piece.base < next->base))
                next = &piece;
        const std::uint64_t free_end = next == nullptr ? end : std::max(next->base, cursor);
        const std::uint64_t first = align_up(cursor, page_size), last = align_down(free_end, page_size);
        if (first < last && visit(first, last)) return true;
        cursor = next == nullptr ? end : next->base + next->size;
    }
    return false;
}

}  // namespace tenon
