// SPDX-License-Identifier: Apache-2.0
// A buddy allocator over one zone of pages.
#include "kernel/mm/buddy.h"

#include <algorithm>
#include <bit>

#include "kernel/trap/panic.h"

namespace tenon {

namespace {

constexpr PageIndex pages_of(std::uint32_t order) { return PageIndex{1} << order; }

/// The order of the largest block that begins at `first` and ends at or before `end`.
std::uint32_t fitting_order(PageIndex first, PageIndex end, std::uint32_t largest) {
    const auto by_size = static_cast<std::uint32_t>(std::bit_width(end - first)) - 1;
    const auto by_alignment = static_cast<std::uint32_t>(std::countr_zero(first));  // 32 for page 0
    return std::min({by_size, by_alignment, largest});
}

}  // namespace

void BuddyAllocator::initialize(PageRecords records, PageIndex page_count, std::uint32_t largest_order) {
    records_ = records;
    page_count_ = page_count;
    largest_order_ = std::min(largest_order, order_count - 1);
}

void BuddyAllocator::add(PageIndex first, PageIndex count) {
    total_ += count;
    // Not merged with free neighbours: that would touch a record beside each block for the first time. Linked at the
    // end of the lists, so that low pages are taken first.
    for (PageIndex page = first, end = first + count; page != end;) {
        const std::uint32_t order = fitting_order(page, end, largest_order_);
        link(page, order, PageState::released, true);
        page += pages_of(order);
    }
}

void BuddyAllocator::link(PageIndex page, std::uint32_t order, PageState kind, bool at_end) {
    PageIndex& first = lists_[kind_index(kind)][order];
    PageRecord& block = records_[page];
    block.state = kind;
    block.order = static_cast<std::uint8_t>(order);
    // Circular: the first block's `previous` is the last one.
    if (first == no_page) {
        block.next = block.previous = page;
        nonempty_[kind_index(kind)] |= 1U << order;
        first = page;
    } else {
        PageRecord& following = records_[first];
        block.next = first;
        block.previous = following.previous;
        records_[following.previous].next = page;
        following.previous = page;
        if (!at_end) first = page;
    }
    free_ += pages_of(order);
    if (kind == PageState::released) released_ += pages_of(order);
}

void BuddyAllocator::unlink(PageIndex page, PageRecord& block) {
    const std::uint32_t kind = kind_index(block.state);
    PageIndex& first = lists_[kind][block.order];
    if (block.next == page) {
        first = no_page;
        nonempty_[kind] &= ~(1U << block.order);
    } else {
        records_[block.next].previous = block.previous;
        records_[block.previous].next = block.next;
        if (first == page) first = block.next;
    }
    free_ -= pages_of(block.order);
    if (block.state == PageState::released) released_ -= pages_of(block.order);
    block.state = PageState::interior;
}

/// Makes a block free, and merges it with its buddy as long as that is free and of the same kind.
void BuddyAllocator::insert(PageIndex page, std::uint32_t order, PageState kind) {
    while (order < largest_order_) {
        const PageIndex buddy = page ^ pages_of(order);
        if (buddy >= page_count_) break;
        PageRecord& neighbour = records_[buddy];
        if (!is_free(neighbour.state) || neighbour.order != order) break;
        if (neighbour.state != kind) {
            kinds_may_merge_ = true;
            break;
        }
        unlink(buddy, neighbour);
        page &= buddy;
        ++order;
    }
    // At the front: memory that was touched last is most likely in a cache.
    link(page, order, kind, false);
    if (order >= blocks_.mark && kind == PageState::free) [[unlikely]]
        blocks_.trigger(order_count);
    if (free_ >= surplus_.mark) [[unlikely]]
        surplus_.trigger(UINT64_MAX);
}

void BuddyAllocator::insert_range(PageIndex first, PageIndex end, PageState kind) {
    while (first != end) {
        const std::uint32_t order = fitting_order(first, end, largest_order_);
        insert(first, order, kind);
        first += pages_of(order);
    }
}

/// Takes the first block of `list_order`; returns its lowest part and puts the rest into the lists.
PageIndex BuddyAllocator::take(std::uint32_t order, PageState kind, std::uint32_t list_order) {
    const PageIndex page = lists_[kind_index(kind)][list_order];
    unlink(page, records_[page]);
    while (list_order > order) {
        --list_order;
        link(page + pages_of(list_order), list_order, kind, false);
    }
    return page;
}

BuddyAllocator::Taken BuddyAllocator::take_smallest(std::uint32_t order) {
    if (order > largest_order_) return {no_page, PageState::free};
    for (;;) {
        for (const PageState kind : {PageState::free, PageState::released}) {
            const std::uint32_t large_enough = nonempty_[kind_index(kind)] >> order;
            if (large_enough == 0) continue;
            const PageIndex page =
                take(order, kind, order + static_cast<std::uint32_t>(std::countr_zero(large_enough)));
            if (free_ < shortage_.mark) [[unlikely]]
                shortage_.trigger(0);
            return {page, kind};
        }
        if (!kinds_may_merge_) return {no_page, PageState::free};
        merge_kinds();
    }
}

PageIndex BuddyAllocator::allocate(std::uint32_t order, PageState state) {
    const PageIndex page = take_smallest(order).page;
    if (page == no_page) return no_page;
    PageRecord& block = records_[page];
    block.state = state;
    block.order = static_cast<std::uint8_t>(order);
    if (recent_ != nullptr) recent_->note(page, pages_of(order));
    return page;
}

/// Joins buddies of different kinds; the result counts as `free`. In proportion to the number of `free` blocks, but
/// only when an allocation would fail, and not twice for the same blocks.
void BuddyAllocator::merge_kinds() {
    kinds_may_merge_ = false;
    for (std::uint32_t order = 0; order < largest_order_; ++order) {
        PageIndex page = lists_[0][order];
        if (page == no_page) continue;
        // Joining two blocks changes lists of higher orders only, and takes away this one: `next` stays valid.
        for (const PageIndex last = records_[page].previous;;) {
            PageRecord& block = records_[page];
            const PageIndex next = block.next;
            const bool done = page == last;
            const PageIndex buddy = page ^ pages_of(order);
            if (buddy < page_count_) {
                PageRecord& neighbour = records_[buddy];
                if (neighbour.state == PageState::released && neighbour.order == order) {
                    unlink(buddy, neighbour);
                    unlink(page, block);
                    insert(page & buddy, order + 1, PageState::free);
                }
            }
            if (done) break;
            page = next;
        }
    }
    // insert() may have set it for blocks that this pass joined later.
    kinds_may_merge_ = false;
}

void BuddyAllocator::free(PageIndex page, std::uint32_t order, PageState state, PageState kind) {
    if (page >= page_count_ || order > largest_order_ || records_[page].state != state || records_[page].order != order)
        panic("pages freed that are not allocated so: page %u, order %u, state %d", page, order,
              page < page_count_ ? static_cast<int>(records_[page].state) : -1);
    records_[page].state = PageState::interior;
    insert(page, order, kind);
}

PageIndex BuddyAllocator::allocate_run(PageIndex count, std::uint32_t alignment_order, PageState* kind_taken) {
    if (count == 0 || count > pages_of(largest_order_)) return no_page;
    const std::uint32_t order = std::max(static_cast<std::uint32_t>(std::bit_width(count - 1)), alignment_order);
    const auto [page, kind] = take_smallest(order);
    if (page == no_page) return no_page;
    PageRecord& run = records_[page];
    run.state = PageState::large;
    run.page_count = pages_of(order);
    // The rest is of the same kind as the whole block.
    trim_run(page, count, kind);
    if (recent_ != nullptr) recent_->note(page, count);
    if (kind_taken != nullptr) *kind_taken = kind;
    return page;
}

void BuddyAllocator::trim_run(PageIndex page, PageIndex count, PageState kind) {
    PageRecord& run = records_[page];
    const PageIndex end = page + run.page_count;
    run.page_count = count;
    insert_range(page + count, end, kind);
}

void BuddyAllocator::shrink_run(PageIndex page, PageIndex count) { trim_run(page, count, PageState::free); }

void BuddyAllocator::free_run(PageIndex page) {
    PageRecord& run = records_[page];
    run.state = PageState::interior;
    insert_range(page, page + run.page_count, PageState::free);
}

BuddyAllocator::Block BuddyAllocator::isolate_of(PageState kind, std::uint32_t least_order, std::uint32_t most_order) {
    const std::uint32_t orders = nonempty_[kind_index(kind)];
    if (orders == 0) return {no_page, 0};
    const auto largest = static_cast<std::uint32_t>(std::bit_width(orders)) - 1;
    if (largest < least_order) return {no_page, 0};
    const std::uint32_t order = std::min(largest, most_order);
    const PageIndex page = take(order, kind, largest);
    PageRecord& block = records_[page];
    block.state = PageState::isolated;
    block.order = static_cast<std::uint8_t>(order);
    return {page, order};
}

}  // namespace tenon
