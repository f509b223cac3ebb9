// SPDX-License-Identifier: Apache-2.0
// A few blocks on their way between the page allocator and the device.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernel/mm/buddy.h"

namespace tenon::balloon {

struct BlockBatch {
    static constexpr std::size_t capacity = 32;

    struct Entry {
        BuddyAllocator::Block block;
        PageState kind;  ///< free: the host may hold memory for it; released: it holds nothing
    };

    void add(BuddyAllocator::Block block, PageState kind) {
        entries[count++] = {block, kind};
        pages += PageIndex{1} << block.order;
    }
    [[nodiscard]] bool full() const { return count == capacity; }
    [[nodiscard]] std::span<Entry> all() { return std::span(entries).first(count); }

    /// The zone's lock is held. Every block is `isolated`, and goes back as what its entry says.
    void give_back(BuddyAllocator& allocator) {
        for (const Entry& entry : all())
            allocator.free(entry.block.page, entry.block.order, PageState::isolated, entry.kind);
    }

    std::array<Entry, capacity> entries;
    std::size_t count = 0;
    PageIndex pages = 0;
};

}  // namespace tenon::balloon
