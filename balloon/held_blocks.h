// SPDX-License-Identifier: Apache-2.0
// Lists of blocks of pages that the balloon holds.
#pragma once

#include <array>
#include <cstdint>

#include "kernel/mm/buddy.h"

namespace tenon::balloon {

/// Linked through the page records, so that the lists need no memory. The caller holds the zone's lock.
class HeldBlocks {
public:
    /// 2 MiB, which the host can map as one large page.
    static constexpr std::uint32_t largest_order = 9;

    constexpr explicit HeldBlocks(PageState state) : state_(state) { first_.fill(no_page); }

    /// Adds a block that is `isolated`, of at most largest_order.
    void push(BuddyAllocator& pages, BuddyAllocator::Block block) {
        PageRecord& record = pages.record(block.page);
        record.state = state_;
        record.order = static_cast<std::uint8_t>(block.order);
        record.next = first_[block.order];
        first_[block.order] = block.page;
        count_ += PageIndex{1} << block.order;
    }

    /// Removes a block, which is `isolated` then: the largest of at most `limit` pages, if necessary a part of a larger
    /// one. Its page is no_page if there is none.
    [[nodiscard]] BuddyAllocator::Block pop(BuddyAllocator& pages, std::uint64_t limit) {
        if (count_ == 0 || limit == 0) return {no_page, 0};
        const std::uint32_t fitting = fitting_order(limit);
        for (std::uint32_t order = fitting + 1; order-- > 0;)
            if (first_[order] != no_page) return take(pages, order);
        std::uint32_t order = fitting + 1;
        while (first_[order] == no_page) ++order;
        BuddyAllocator::Block block = take(pages, order);
        while (block.order > fitting) {
            --block.order;
            push(pages, {block.page + (PageIndex{1} << block.order), block.order});
        }
        pages.record(block.page).order = static_cast<std::uint8_t>(block.order);
        return block;
    }

    [[nodiscard]] std::uint64_t pages() const { return count_; }

    /// The largest order whose blocks have at most `limit` pages; limit is not 0.
    [[nodiscard]] static constexpr std::uint32_t fitting_order(std::uint64_t limit) {
        std::uint32_t order = 0;
        while (order < largest_order && (std::uint64_t{2} << order) <= limit) ++order;
        return order;
    }

private:
    BuddyAllocator::Block take(BuddyAllocator& pages, std::uint32_t order) {
        const PageIndex page = first_[order];
        PageRecord& record = pages.record(page);
        first_[order] = record.next;
        record.state = PageState::isolated;
        count_ -= PageIndex{1} << order;
        return {page, order};
    }

    PageState state_;
    std::array<PageIndex, largest_order + 1> first_;
    std::uint64_t count_ = 0;
};

}  // namespace tenon::balloon
