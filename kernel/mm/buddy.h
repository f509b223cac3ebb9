// SPDX-License-Identifier: Apache-2.0
// A buddy allocator over one zone of pages.
#pragma once

#include <array>
#include <cstdint>

#include "kernel/mm/page_record.h"
#include "kernel/mm/recent_pages.h"

namespace tenon {

/// Blocks of 2^order pages, naturally aligned by page number. Knows page numbers and records only, and never looks at
/// the pages themselves. Free blocks are of two kinds that are kept apart: `free` ones, which the host may hold memory
/// for, are always given out first, so that a page which was never touched stays so while there is another. Blocks of
/// different kinds become one only if an allocation would fail otherwise. The caller locks.
class BuddyAllocator {
public:
    /// Orders are below this: the largest block is 256 GiB.
    static constexpr std::uint32_t order_count = 27;

    constexpr BuddyAllocator() {
        for (auto& kind : lists_) kind.fill(no_page);
    }
    BuddyAllocator(const BuddyAllocator&) = delete;
    BuddyAllocator& operator=(const BuddyAllocator&) = delete;

    /// Begins with no pages. `records` reads as zeros, and covers pages 0 .. page_count - 1.
    void initialize(PageRecords records, PageIndex page_count, std::uint32_t largest_order = order_count - 1);
    /// Gives pages that were never touched.
    void add(PageIndex first, PageIndex count);

    /// A block of 2^order pages in state `state`, or no_page.
    [[nodiscard]] PageIndex allocate(std::uint32_t order, PageState state = PageState::allocated);
    /// `page` came from allocate() with this order, and is in `state`: a panic if not. As `released` if the host holds
    /// nothing for it.
    void free(PageIndex page, std::uint32_t order, PageState state = PageState::allocated,
              PageState kind = PageState::free);

    /// `count` pages, beginning at a multiple of 2^alignment_order, in state `large`; or no_page. Less than a page for
    /// each power of two is left over, not up to half of the block. `kind`, if asked for, says what the pages were.
    [[nodiscard]] PageIndex allocate_run(PageIndex count, std::uint32_t alignment_order = 0, PageState* kind = nullptr);
    /// All of a run: `page` came from allocate_run(), which the caller has checked.
    void free_run(PageIndex page);
    /// Gives back all but the first `count` pages of a run; count is at least 1.
    void shrink_run(PageIndex page, PageIndex count);

    struct Block {
        PageIndex page;
        std::uint32_t order;
    };
    /// Takes a free block that the host may hold memory for out of the lists, on its way to the host: one of the
    /// largest there are, of at least `least_order`, cut down to `most_order`. Its page is no_page if there is none. It
    /// comes back by free(..., isolated, released).
    [[nodiscard]] Block isolate(std::uint32_t least_order, std::uint32_t most_order = order_count - 1) {
        return isolate_of(PageState::free, least_order, most_order);
    }
    /// The same among the blocks for which the host holds nothing.
    [[nodiscard]] Block isolate_released(std::uint32_t least_order, std::uint32_t most_order = order_count - 1) {
        return isolate_of(PageState::released, least_order, most_order);
    }

    /// Calls `tell` once, with the caller's lock held, so it only wakes somebody. Each has one watcher; a further call
    /// replaces it, and a null one ends it.
    using Tell = void (*)();
    /// When an allocation leaves less than `pages` free.
    void watch_shortage(std::uint64_t pages, Tell tell) { shortage_ = {tell == nullptr ? 0 : pages, tell}; }
    /// When something is freed and `pages` are free, or more.
    void watch_surplus(std::uint64_t pages, Tell tell) { surplus_ = {tell == nullptr ? UINT64_MAX : pages, tell}; }
    /// When a free block of 2^order pages, or more, comes to be that the host may hold memory for.
    void watch_blocks(std::uint32_t order, Tell tell) { blocks_ = {tell == nullptr ? order_count : order, tell}; }

    /// What allocate() and allocate_run() give out from now on is noted there; null: nowhere. Not owned.
    void note_in(RecentPages* recent) { recent_ = recent; }

    [[nodiscard]] PageRecord& record(PageIndex page) const { return records_[page]; }
    [[nodiscard]] const PageRecords& records() const { return records_; }
    [[nodiscard]] PageIndex page_count() const { return page_count_; }
    /// Pages that the zone was given; free ones of both kinds; those of them for which the host holds nothing.
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
    /// A block in no list and no state, and its kind; or no_page.
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
