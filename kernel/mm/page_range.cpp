// SPDX-License-Identifier: Apache-2.0
// Ranges of pages, as blocks of the page allocator: naturally aligned, so that each can be split into halves.
#include "kernel/mm/page_range.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernel/base/address.h"
#include "kernel/mm/block_walk.h"
#include "kernel/mm/host_pages.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/shortage.h"
#include "kernel/platform/platform.h"

namespace tenon::page_range {

namespace {

bool is_range_state(PageState state) { return state == PageState::mapped || state == PageState::inaccessible; }

PageIndex index_of(const void* pages) { return static_cast<PageIndex>(to_integer(to_physical(pages)) / page_size); }

/// The pages of the zone among these: addresses may be wrong.
PageIndex end_in(const Zone& zone, const void* pages, std::uint64_t count) {
    const std::uint64_t first = to_integer(to_physical(pages)) / page_size;
    return static_cast<PageIndex>(std::min<std::uint64_t>(first + count, zone.pages.page_count()));
}

bool is_in_zone(const Zone& zone, const void* pages) {
    return to_integer(to_physical(pages)) / page_size < zone.pages.page_count();
}

void set_block(BuddyAllocator& pages, PageIndex page, PageState state, std::uint32_t order) {
    PageRecord& record = pages.record(page);
    record.state = state;
    record.order = static_cast<std::uint8_t>(order);
}

/// The block of `page`, split so that it begins there and does not reach beyond `end`.
PageBlock cut_out(BuddyAllocator& pages, PageBlock block, PageIndex page, PageIndex end) {
    while (block.first != page || block.end() > end) {
        const PageIndex half = block.count / 2;
        const auto order = static_cast<std::uint32_t>(std::countr_zero(half));
        set_block(pages, block.first, block.state, order);
        set_block(pages, block.first + half, block.state, order);
        block.count = half;
        if (page >= block.first + half) block.first += half;
    }
    return block;
}

/// Calls act(block) for each block of the range, cut to it, that is mapped.
template <typename Act>
void for_each_block(Zone& zone, void* first, std::uint64_t count, Act&& act) {
    if (!is_in_zone(zone, first)) return;
    const PageIndex end = end_in(zone, first, count);
    for (PageIndex page = index_of(first); page < end;) {
        const auto block = find_block(zone.pages, page);
        if (!block || !is_range_state(block->state)) {
            page = block ? block->end() : page + 1;
            continue;
        }
        const PageBlock cut = cut_out(zone.pages, *block, page, end);
        page = cut.end();
        act(cut);
    }
}

void* allocate_at_once(PageIndex count, bool& is_zero) {
    return ram_zone().with([&](Zone& zone) -> void* {
        PageState kind = PageState::free;
        PageIndex page = zone.pages.allocate_run(count, 0, &kind);
        if (page == no_page) {
            zone.heap.trim();
            page = zone.pages.allocate_run(count, 0, &kind);
        }
        if (page == no_page) return nullptr;
        is_zero = kind == PageState::released && zone.released_is_zero;
        for (PageIndex place = page, end = page + count; place != end;) {
            const auto by_alignment = static_cast<std::uint32_t>(std::countr_zero(place));
            const auto by_size = static_cast<std::uint32_t>(std::bit_width(end - place)) - 1;
            const std::uint32_t order = std::min({by_alignment, by_size, BuddyAllocator::order_count - 1});
            set_block(zone.pages, place, PageState::mapped, order);
            place += PageIndex{1} << order;
        }
        return zone.address_of(page);
    });
}

}  // namespace

void* allocate(std::uint64_t count) {
    if (count == 0 || count >= no_page) return nullptr;
    constexpr unsigned most_attempts = 6;
    bool is_zero = false;
    void* pages = allocate_at_once(static_cast<PageIndex>(count), is_zero);
    const std::uint64_t bytes = count * page_size;
    const std::uint64_t total = ram_zone().with([](Zone& zone) { return zone.pages.total_pages(); });
    for (unsigned attempt = 0; attempt != most_attempts && pages == nullptr && count <= total; ++attempt) {
        if (reclaim_for_allocation(bytes << attempt) == 0) break;
        pages = allocate_at_once(static_cast<PageIndex>(count), is_zero);
    }
    if (pages != nullptr && !is_zero) std::memset(pages, 0, bytes);
    return pages;
}

bool is_mapped(const void* pages, std::uint64_t count) {
    return ram_zone().with([&](Zone& zone) {
        if (!is_in_zone(zone, pages)) return false;
        const PageIndex first = index_of(pages);
        for (std::uint64_t page = first; page < first + count;) {
            const auto block = find_block(zone.pages, static_cast<PageIndex>(page));
            if (!block || !is_range_state(block->state)) return false;
            page = block->end();
        }
        return true;
    });
}

bool is_any_mapped(const void* pages, std::uint64_t count) {
    return ram_zone().with([&](Zone& zone) {
        if (!is_in_zone(zone, pages)) return false;
        const PageIndex end = end_in(zone, pages, count);
        for (PageIndex page = index_of(pages); page < end;) {
            const auto block = find_block(zone.pages, page);
            if (block && is_range_state(block->state)) return true;
            page = block ? block->end() : page + 1;
        }
        return false;
    });
}

void free(void* pages, std::uint64_t count) {
    protect(pages, count, true);
    ram_zone().with([&](Zone& zone) {
        for_each_block(zone, pages, count, [&](const PageBlock& block) {
            zone.pages.free(block.first, static_cast<std::uint32_t>(std::countr_zero(block.count)), block.state);
        });
    });
}

void protect(void* pages, std::uint64_t count, bool accessible) {
    // The host's call is made with the lock held: code that walks over memory holds it too, and never touches pages
    // whose record says that they are inaccessible.
    ram_zone().with([&](Zone& zone) {
        for_each_block(zone, pages, count, [&](const PageBlock& block) {
            if ((block.state == PageState::mapped) == accessible) return;
            for (PageIndex page = block.first; page != block.end(); ++page)
                platform().set_guard_page(zone.address_of(page), !accessible);
            zone.pages.record(block.first).state = accessible ? PageState::mapped : PageState::inaccessible;
        });
    });
}

void clear(void* pages, std::uint64_t count) {
    const std::uint64_t bytes = count * page_size;
    if (file_backed(pages, bytes) || !drop_pages(pages, bytes)) std::memset(pages, 0, bytes);
}

}  // namespace tenon::page_range
