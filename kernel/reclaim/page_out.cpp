// SPDX-License-Identifier: Apache-2.0
// Having the host write RAM to its swap.
#include "kernel/reclaim/page_out.h"

#include <algorithm>

#include "kernel/mm/block_walk.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/memory_counters.h"
#include "kernel/platform/platform.h"

namespace tenon {

namespace {

/// The host's call cannot be interrupted: larger pieces would delay interrupts.
constexpr PageIndex piece = (2 << 20) / page_size;
/// Pages without a block that one step passes over, at most.
constexpr PageIndex longest_gap = 4096;

struct Run {
    PageIndex first, end;
    bool in_use;
};

/// The run that begins at `page`: at most a piece of a block in use, or pages to pass over.
Run look_at(Zone& zone, PageIndex page) {
    const PageIndex limit = std::min(zone.pages.page_count() - page, longest_gap) + page;
    if (const auto block = find_block(zone.pages, page)) {
        if (!block->in_use()) return {page, block->end(), false};
        const PageIndex first = std::max(page, block->first_accessible());
        return {first, std::min(block->end(), first + piece), true};
    }
    PageIndex end = page + 1;
    while (end < limit && !find_block(zone.pages, end)) ++end;
    return {page, end, false};
}

}  // namespace

void page_out_memory(std::uint64_t bytes) {
    // Only the power thread calls this.
    static constinit PageIndex cursor = 0;
    const PageIndex page_count = ram_zone().with([](Zone& zone) { return zone.pages.page_count(); });
    std::uint64_t wanted = (std::min(bytes, std::uint64_t{page_count} * page_size) + page_size - 1) / page_size;
    for (PageIndex passed = 0; wanted != 0 && passed < page_count;) {
        // If the pages are freed meanwhile, nothing is lost: paging out keeps their contents.
        std::byte* base = nullptr;
        Run run = ram_zone().with([&](Zone& zone) {
            base = zone.base;
            return look_at(zone, cursor);
        });
        if (run.in_use) {
            run.end = static_cast<PageIndex>(std::min<std::uint64_t>(run.end, run.first + wanted));
            platform().page_out(base + std::size_t{run.first} * page_size,
                                std::size_t{run.end - run.first} * page_size);
            wanted -= run.end - run.first;
            count_memory(abi::MemoryCounter::pages_paged_out, run.end - run.first);
        }
        passed += run.end - cursor;
        cursor = run.end >= page_count ? 0 : run.end;
    }
}

}  // namespace tenon
