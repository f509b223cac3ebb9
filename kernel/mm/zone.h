// SPDX-License-Identifier: Apache-2.0
// A range of pages with its page allocator and its heap.
#pragma once

#include "kernel/mm/buddy.h"
#include "kernel/mm/slab_heap.h"

namespace tenon {

/// One lock guards both, because they are used together.
struct Zone {
    BuddyAllocator pages;
    SlabHeap heap{pages};

    constexpr Zone() = default;
    /// Page 0 is at `zone_base`; blocks are aligned no better than that.
    void initialize(std::byte* zone_base, PageRecords records, PageIndex page_count, std::uint32_t largest_order) {
        base = zone_base;
        pages.initialize(records, page_count, largest_order);
        heap.initialize(zone_base);
    }
    [[nodiscard]] std::byte* address_of(PageIndex page) const { return base + std::size_t{page} * page_size; }

    std::byte* base = nullptr;
    /// Pages of kind `released` read as zeros: true if the hypervisor gave zeroed pages, until some are reported to a
    /// device that may leave their contents in place.
    bool released_is_zero = false;
};

}  // namespace tenon
