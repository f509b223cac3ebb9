// SPDX-License-Identifier: Apache-2.0
// Finds the block that a page belongs to.
#include "kernel/mm/block_walk.h"

#include "kernel/mm/size_classes.h"

namespace tenon {

namespace {

PageIndex page_count_of(const PageRecord& head) {
    switch (head.state) {
        case PageState::large: return head.page_count;
        case PageState::slab: return PageIndex{1} << size_classes::slabs[head.size_class].order;
        default: return PageIndex{1} << head.order;
    }
}

}  // namespace

std::optional<PageBlock> find_block(const BuddyAllocator& pages, PageIndex page) {
    if (page >= pages.page_count()) return std::nullopt;
    if (pages.record(page).state == PageState::slab_rest) page = pages.record(page).slab_head;
    // A block begins at a multiple of its size, so for each size there is one page where it can begin.
    for (std::uint32_t order = 0; order != BuddyAllocator::order_count; ++order) {
        const PageIndex head = page & ~((PageIndex{1} << order) - 1);
        const PageRecord& record = pages.record(head);
        if (record.state == PageState::interior || record.state == PageState::slab_rest) {
            if (head == 0) break;
            continue;
        }
        const PageIndex count = page_count_of(record);
        if (page - head < count) return PageBlock{head, count, record.state};
        if (head == 0) break;
    }
    return std::nullopt;
}

}  // namespace tenon
