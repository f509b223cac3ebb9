// SPDX-License-Identifier: Apache-2.0
// Finds the block that a page belongs to: for walking over memory by address.
#pragma once

#include <optional>

#include "kernel/mm/buddy.h"

namespace tenon {

struct PageBlock {
    PageIndex first;
    PageIndex count;
    PageState state;

    [[nodiscard]] PageIndex end() const { return first + count; }
    /// The pages are allocated and accessible, except for the first one of a guarded block.
    [[nodiscard]] bool in_use() const {
        return state == PageState::allocated || state == PageState::guarded || state == PageState::large ||
               state == PageState::slab || state == PageState::mapped;
    }
    [[nodiscard]] PageIndex first_accessible() const { return state == PageState::guarded ? first + 1 : first; }
};

/// The block that contains `page`, free or not; nothing if there is none (no RAM, or not given to the allocator). The
/// caller holds the zone's lock. Reads at most one record for each order.
[[nodiscard]] std::optional<PageBlock> find_block(const BuddyAllocator& pages, PageIndex page);

}  // namespace tenon
