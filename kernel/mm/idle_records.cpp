// SPDX-License-Identifier: Apache-2.0
// Page records without information, whose memory can be given back.
#include "kernel/mm/idle_records.h"

#include <algorithm>

#include "kernel/base/address.h"
#include "kernel/mm/block_walk.h"

namespace tenon {

std::span<std::byte> idle_records(const BuddyAllocator& pages, PageIndex first, PageIndex count) {
    const auto block = find_block(pages, first);
    if (!block || (block->state != PageState::free && block->state != PageState::released)) return {};
    // The head of such a block has its record in another table, so all records here are of interior pages.
    if (block->first % PageRecords::large_step != 0 || first + count > block->end()) return {};
    const PageRecords& records = pages.records();
    const auto address = [&](PageIndex page) { return reinterpret_cast<std::uintptr_t>(records.small_record(page)); };
    // The first and the last page hold records of neighbouring pages too: they go only if those are in the block.
    const std::uintptr_t begin =
        std::max(align_down(address(first), page_size), align_up(address(block->first), page_size));
    const std::uintptr_t end =
        std::min(align_up(address(first + count), page_size), align_down(address(block->end()), page_size));
    if (begin >= end) return {};
    return {reinterpret_cast<std::byte*>(begin), end - begin};
}

}  // namespace tenon
