// SPDX-License-Identifier: Apache-2.0
// Memory management's record of each page of RAM.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace tenon {

/// A page's number within its zone.
using PageIndex = std::uint32_t;
inline constexpr PageIndex no_page = UINT32_MAX;

/// State of a block, kept at its first page; its other pages are `interior` (those of a slab: `slab_rest`).
enum class PageState : std::uint8_t {
    interior = 0,  ///< inside a block, or no RAM; untouched metadata reads as this
    free,          ///< free; the host may hold memory for it
    released,      ///< free; the host holds no memory for it: never touched, or reported
    allocated,     ///< by allocate_pages
    guarded,       ///< by allocate_guarded_pages: the first page cannot be accessed
    large,         ///< by the heap, straight from the page allocator
    slab,          ///< by the heap, first page of a slab
    slab_rest,     ///< by the heap, further page of a slab
    isolated,      ///< free, and being given to the host (reporting, ballooning)
    ballooned,     ///< given to the host
    offline,       ///< not to be used
    mapped,        ///< by page_range::allocate
    inaccessible,  ///< the same, and protected: no page of it can be accessed
};

struct PageRecord {
    /// Neighbours in the list of the block's state, by page number: the contents of free pages are never touched.
    PageIndex next;
    union {
        PageIndex previous;
        std::uint32_t page_count;  ///< large
        PageIndex slab_head;       ///< slab_rest
    };
    PageState state;
    union {
        std::uint8_t order;       ///< all but large and slab
        std::uint8_t size_class;  ///< slab
    };
    std::uint16_t used;        ///< slab: objects given out
    std::uint16_t first_free;  ///< slab: object number of the first one that was given back
    std::uint16_t fresh;       ///< slab: number of the first object that was never given out
};
static_assert(sizeof(PageRecord) == 16);

/// The records of a zone, in memory that reads as zeros. Pages at multiples of 512 (2 MiB) and of 512 * 512 (1 GiB)
/// have their records in two small tables: large blocks begin there, so that splitting a block of 64 GiB down to a page
/// writes to four pages of metadata instead of sixteen.
class PageRecords {
public:
    /// Bytes for `count` pages.
    [[nodiscard]] static constexpr std::size_t bytes(PageIndex count) {
        return (std::size_t{count} + large_count(count) + huge_count(count)) * sizeof(PageRecord);
    }
    constexpr PageRecords() = default;
    PageRecords(std::byte* memory, PageIndex count)
        : huge_(reinterpret_cast<PageRecord*>(memory)),
          large_(huge_ + huge_count(count)),
          small_(large_ + large_count(count)) {}

    PageRecord& operator[](PageIndex page) const {
        if (page % large_step != 0) [[likely]]
            return small_[page];
        return page % huge_step != 0 ? large_[page / large_step] : huge_[page / huge_step];
    }

    /// The common table has unused room for pages at multiples of this.
    static constexpr PageIndex large_step = 512;
    [[nodiscard]] PageRecord* small_record(PageIndex page) const { return small_ + page; }

private:
    static constexpr PageIndex huge_step = large_step * 512;
    static constexpr std::size_t large_count(PageIndex count) { return count / large_step + 1; }
    static constexpr std::size_t huge_count(PageIndex count) { return count / huge_step + 1; }

    PageRecord* huge_ = nullptr;
    PageRecord* large_ = nullptr;
    PageRecord* small_ = nullptr;
};

}  // namespace tenon
