// SPDX-License-Identifier: Apache-2.0
// Zero-filled pages in use, 64 pages at a time.
#include "balloon/zero_chunk.h"

#include <algorithm>

#include "kernel/mm/block_walk.h"

namespace tenon::balloon {

std::uint64_t bits_of(PageIndex first_page, PageIndex end_page, PageIndex first) {
    const PageIndex begin = std::max(first_page, first), end = std::min(end_page, first + chunk_pages);
    if (begin >= end) return 0;
    return (~std::uint64_t{0} >> (chunk_pages - (end - begin))) << (begin - first);
}

ZeroChunk find_zero_pages(const Zone& zone, PageIndex first, ZeroTest is_zero, std::uint64_t left_out) {
    const PageIndex end = first + chunk_pages;
    ZeroChunk result{};
    for (PageIndex page = first; page < end;) {
        const auto block = find_block(zone.pages, page);
        if (!block) {
            ++page;
            continue;
        }
        const PageIndex block_end = std::min(block->end(), end);
        for (page = std::max(page, block->first_accessible()); block->in_use() && page < block_end; ++page) {
            const std::uint64_t bit = std::uint64_t{1} << (page - first);
            if ((left_out & bit) != 0) continue;
            result.looked_at |= bit;
            if (is_zero(zone.address_of(page))) result.zero |= bit;
        }
        page = block_end;
    }
    return result;
}

}  // namespace tenon::balloon
