// SPDX-License-Identifier: Apache-2.0
// A batch of blocks between page allocator and device.
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
        PageState kind;  ///< free, or released if the host holds no memory for it
    };

    void add(BuddyAllocator::Block block, PageState kind) {
        entries[count++] = {block, kind};
        pages += PageIndex{1} << block.order;
    }
    [[nodiscard]] bool full() const { return count == capacity; }
    [[nodiscard]] std::span<Entry> all() { return std::span(entries).first(count); }

    /// Returns all blocks, which are `isolated`, to the allocator, each with the kind of its entry. The zone's lock is
    /// held.
    void give_back(BuddyAllocator& allocator) {
        for (const Entry& entry : all())
            allocator.free(entry.block.page, entry.block.order, PageState::isolated, entry.kind);
    }

    std::array<Entry, capacity> entries;
    std::size_t count = 0;
    PageIndex pages = 0;
};

}  // namespace tenon::balloon
