// SPDX-License-Identifier: Apache-2.0
// A buddy allocator over one zone of pages.
#pragma once

#include <array>
#include <cstdint>

#include "kernel/mm/page_record.h"
#include "kernel/mm/recent_pages.h"

namespace tenon {

/// Blocks of 2^order pages, naturally aligned by page number. Works on page numbers and records only, never on the
/// pages themselves. There are two kinds of free blocks: `free` ones, for which the host may hold memory, are given out
/// first; `released` ones, for which it holds none, stay untouched as long as possible. Blocks of different kinds are
/// merged only if an allocation would fail otherwise. The caller locks.
class BuddyAllocator {
public:
    /// Orders are below this: the largest block is 256 GiB.
    static constexpr std::uint32_t order_count = 27;

    constexpr BuddyAllocator() {
        for (auto& kind : lists_) kind.fill(no_page);
    }
    BuddyAllocator(const BuddyAllocator&) = delete;
    BuddyAllocator& operator=(const BuddyAllocator&) = delete;

    /// Starts without pages. `records` reads as zeros and covers pages 0 to page_count - 1.
    void initialize(PageRecords records, PageIndex page_count, std::uint32_t largest_order = order_count - 1);
    /// Adds pages that were never touched.
    void add(PageIndex first, PageIndex count);

    /// A block of 2^order pages in state `state`, or no_page.
    [[nodiscard]] PageIndex allocate(std::uint32_t order, PageState state = PageState::allocated);
    /// `page` came from allocate() with this order and has `state`; panics if not. `kind` is `released` if the host
    /// holds no memory for it.
    void free(PageIndex page, std::uint32_t order, PageState state = PageState::allocated,
              PageState kind = PageState::free);

    /// `count` pages, beginning at a multiple of 2^alignment_order, in state `large`; or no_page. Takes exactly `count`
    /// pages: the rest of the block stays free. `kind`, if not null, receives the kind that the pages were of.
    [[nodiscard]] PageIndex allocate_run(PageIndex count, std::uint32_t alignment_order = 0, PageState* kind = nullptr);
    /// Frees a whole run. The caller has checked that `page` came from allocate_run().
    void free_run(PageIndex page);
    /// Frees all but the first `count` pages of a run; count is at least 1.
    void shrink_run(PageIndex page, PageIndex count);

    struct Block {
        PageIndex page;
        std::uint32_t order;
    };
    /// Takes a block of kind `free` out of the lists, in order to give it to the host: one of the largest, of at least
    /// `least_order`, cut down to `most_order`. Its page is no_page if there is none. free(..., isolated, released)
    /// returns it.
    [[nodiscard]] Block isolate(std::uint32_t least_order, std::uint32_t most_order = order_count - 1) {
        return isolate_of(PageState::free, least_order, most_order);
    }
    /// The same for a block of kind `released`.
    [[nodiscard]] Block isolate_released(std::uint32_t least_order, std::uint32_t most_order = order_count - 1) {
        return isolate_of(PageState::released, least_order, most_order);
    }

    /// The watch functions call `tell` once, with the caller's lock held: it may only wake a thread. Each has one
    /// watcher; a further call replaces it, and null removes it.
    using Tell = void (*)();
    /// Calls `tell` when an allocation leaves less than `pages` free.
    void watch_shortage(std::uint64_t pages, Tell tell) { shortage_ = {tell == nullptr ? 0 : pages, tell}; }
    /// Calls `tell` when something is freed and `pages` or more are free then.
    void watch_surplus(std::uint64_t pages, Tell tell) { surplus_ = {tell == nullptr ? UINT64_MAX : pages, tell}; }
    /// Calls `tell` when a block of kind `free` with 2^order pages or more appears.
    void watch_blocks(std::uint32_t order, Tell tell) { blocks_ = {tell == nullptr ? order_count : order, tell}; }

    /// From now on allocate() and allocate_run() note in `recent` what they give out; null: nowhere. Not owned.
    void note_in(RecentPages* recent) { recent_ = recent; }

    [[nodiscard]] PageRecord& record(PageIndex page) const { return records_[page]; }
    [[nodiscard]] const PageRecords& records() const { return records_; }
    [[nodiscard]] PageIndex page_count() const { return page_count_; }
    /// Pages of the zone; free ones of both kinds; those of kind `released`.
    [[nodiscard]] std::uint64_t total_pages() const { return total_; }
    [[nodiscard]] std::uint64_t free_pages() const { return free_; }
    [[nodiscard]] std::uint64_t released_pages() const { return released_; }

private:
    static std::uint32_t kind_index(PageState kind) { return kind == PageState::released ? 1 : 0; }
    static bool is_free(PageState state) { return state == PageState::free || state == PageState::released; }

    void link(PageIndex page, std::uint32_t order, PageState kind, bool at_end);
    void unlink(PageIndex page, PageRecord& record);
    void insert(PageIndex page, std::uint32_t order, PageState kind);
    void insert_range(PageIndex first, PageIndex end, PageState kind);
    PageIndex take(std::uint32_t order, PageState kind, std::uint32_t list_order);
    /// A block that is in no list and has no state yet, and its former kind; or no_page.
    struct Taken {
        PageIndex page;
        PageState kind;
    };
    Taken take_smallest(std::uint32_t order);
    Block isolate_of(PageState kind, std::uint32_t least_order, std::uint32_t most_order);
    struct Watch {
        std::uint64_t mark;
        Tell tell;
        void trigger(std::uint64_t never) {
            mark = never;
            tell();
        }
    };
    void trim_run(PageIndex page, PageIndex count, PageState kind);
    void merge_kinds();

    PageRecords records_;
    PageIndex page_count_ = 0;
    std::uint32_t largest_order_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t free_ = 0;
    std::uint64_t released_ = 0;
    bool kinds_may_merge_ = false;
    Watch shortage_{0, nullptr};
    Watch surplus_{UINT64_MAX, nullptr};
    Watch blocks_{order_count, nullptr};
    /// First block of each order; `nonempty_` has a bit for each list that has one. Index: kind_index.
    std::array<std::array<PageIndex, order_count>, 2> lists_;
    std::array<std::uint32_t, 2> nonempty_ = {};
    RecentPages* recent_ = nullptr;
};

}  // namespace tenon
