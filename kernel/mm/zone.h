// SPDX-License-Identifier: Apache-2.0
// A range of pages with its page allocator and its heap.
#pragma once

#include "kernel/mm/buddy.h"
#include "kernel/mm/slab_heap.h"

namespace tenon {

/// The two are used together, so one lock holds both.
struct Zone {
    BuddyAllocator pages;
    SlabHeap heap{pages};

    constexpr Zone() = default;
    /// Page 0 is at `base`, whose alignment bounds that of blocks.
    void initialize(std::byte* zone_base, PageRecords records, PageIndex page_count, std::uint32_t largest_order) {
        base = zone_base;
        pages.initialize(records, page_count, largest_order);
        heap.initialize(zone_base);
    }
    [[nodiscard]] std::byte* address_of(PageIndex page) const { return base + std::size_t{page} * page_size; }

    std::byte* base = nullptr;
    /// Pages of the kind `released` read as zeros: so they are given by the hypervisor, until some are reported to one
    /// that may leave their contents in place.
    bool released_is_zero = false;
};

}  // namespace tenon
