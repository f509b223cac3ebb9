// SPDX-License-Identifier: Apache-2.0
// Which block a page belongs to: for whoever walks over memory by address.
#pragma once

#include <optional>

#include "kernel/mm/buddy.h"

namespace tenon {

struct PageBlock {
    PageIndex first;
    PageIndex count;
    PageState state;

    [[nodiscard]] PageIndex end() const { return first + count; }
    /// Somebody has the pages and may access them all, but for the first one of a guarded block.
    [[nodiscard]] bool in_use() const {
        return state == PageState::allocated || state == PageState::guarded || state == PageState::large ||
               state == PageState::slab;
    }
    [[nodiscard]] PageIndex first_accessible() const { return state == PageState::guarded ? first + 1 : first; }
};

/// The block that `page` lies in, free or not; nothing if it lies in none (no RAM, or not given to the allocator).
/// The caller holds the zone's lock. Looks at one record for each power of two, at most.
[[nodiscard]] std::optional<PageBlock> find_block(const BuddyAllocator& pages, PageIndex page);

}  // namespace tenon
