// SPDX-License-Identifier: Apache-2.0
// Zero-filled pages in use, 64 pages at a time.
#pragma once

#include <cstdint>

#include "balloon/page_run.h"
#include "balloon/zero_scan.h"
#include "kernel/mm/zone.h"

namespace tenon::balloon {

/// Pages are checked in aligned chunks of this many: one word of a bitmap, and a few tens of microseconds at most.
inline constexpr PageIndex chunk_pages = 64;

/// A bit for each page of a chunk, the lowest for the first page.
struct ZeroChunk {
    std::uint64_t looked_at;  ///< in use, accessible and not left out
    std::uint64_t zero;       ///< of those, filled with zeros
};

/// Checks the pages of the chunk that begins with `first`, except those in `left_out`. The result is valid until the
/// next write to the pages: the caller holds the zone's lock and runs alone, from before the call until it has dropped
/// the pages.
[[nodiscard]] ZeroChunk find_zero_pages(const Zone& zone, PageIndex first, ZeroTest is_zero, std::uint64_t left_out);

/// The bits of the pages first_page .. end_page - 1 that lie in the chunk at `first`.
[[nodiscard]] std::uint64_t bits_of(PageIndex first_page, PageIndex end_page, PageIndex first);

/// Calls visit(PageRun) for each run of set bits, with page numbers counted from `first`.
template <typename Visit>
void for_each_run(std::uint64_t bits, PageIndex first, Visit&& visit) {
    while (bits != 0) {
        const int begin = __builtin_ctzll(bits);
        const std::uint64_t from_begin = bits >> begin;
        const int length = ~from_begin == 0 ? 64 : __builtin_ctzll(~from_begin);
        visit(PageRun{first + static_cast<PageIndex>(begin), static_cast<PageIndex>(length)});
        if (begin + length == 64) return;
        bits &= ~std::uint64_t{0} << (begin + length);
    }
}

}  // namespace tenon::balloon
