// SPDX-License-Identifier: Apache-2.0
// Giving free memory to the host.
#include "balloon/free_reporter.h"

#include <algorithm>
#include <array>

#include "balloon/held_blocks.h"
#include "kernel/mm/idle_records.h"
#include "kernel/mm/memory_counters.h"

namespace tenon::balloon {

Result<> FreeReporter::tell_device(std::span<const PageRun> runs) {
    if (!may_report()) return fail(Error::not_supported);
    if (runs.size() > most_reported_runs) return fail(Error::invalid_argument);
    std::array<Piece, most_reported_runs> pieces;
    std::size_t count = 0;
    for (const PageRun& run : runs) {
        if (run.count == 0 || run.count > most_reported_pages) return fail(Error::invalid_argument);
        pieces[count++] = {PhysicalAddress{run.first * page_size}, static_cast<std::uint32_t>(run.count * page_size)};
    }
    if (count == 0) return {};
    return device_.exchange(Role::reporting, Direction::device_writes, std::span(pieces).first(count),
                            most_reported_runs);
}

/// The records of pages inside large free blocks can be given back too.
void FreeReporter::drop_idle_records(const PageRun& run) {
    zone_.with([&](Zone& zone) {
        const std::span<std::byte> idle = idle_records(zone.pages, run.first, run.count);
        if (!idle.empty()) (void)drop_pages(idle.data(), idle.size());
    });
}

Result<std::uint64_t> FreeReporter::report_batch(std::uint32_t least_order, BuddyAllocator::Tell watch) {
    if (!may_report()) return fail(Error::not_supported);
    BlockBatch batch;
    zone_.with([&](Zone& zone) {
        // Only a part of free memory, so that allocations do not fail meanwhile.
        const std::uint64_t limit = std::max<std::uint64_t>(zone.pages.free_pages() / 4, 1U << least_order);
        while (!batch.full() && batch.pages < limit) {
            const std::uint32_t most = HeldBlocks::fitting_order(limit - batch.pages);
            if (most < least_order) break;
            const auto block = zone.pages.isolate(least_order, most);
            if (block.page == no_page) break;
            batch.add(block, PageState::free);
        }
        if (batch.count == 0 && watch != nullptr) zone.pages.watch_blocks(least_order, watch);
        away_.store(batch.pages);
    });
    if (batch.count == 0) return 0;
    const std::uint64_t pages = batch.pages;
    const Result<> given = give_to_host(batch);
    zone_.with([&](Zone& zone) {
        if (!zero_) zone.released_is_zero = false;
        batch.give_back(zone.pages);
        away_.store(0);
    });
    if (!given) return fail(given.error());
    // One lock for each block, as dropping takes a moment.
    for (const BlockBatch::Entry& entry : batch.all())
        drop_idle_records({entry.block.page, PageIndex{1} << entry.block.order});
    count_memory(abi::MemoryCounter::pages_reported, pages);
    return pages;
}

Result<> FreeReporter::give_to_host(BlockBatch& batch) {
    std::byte* base = zone_.with([](const Zone& zone) { return zone.base; });
    std::array<PageRun, BlockBatch::capacity> left;  // for the device to drop
    std::size_t count = 0;
    for (BlockBatch::Entry& entry : batch.all()) {
        const PageRun run{entry.block.page, PageIndex{1} << entry.block.order};
        if (drop_run(base, run.first, run.count, zero_))
            entry.kind = PageState::released;
        else
            left[count++] = run;
    }
    if (count == 0) return {};
    CHECK(tell_device(std::span(left).first(count)));
    for (BlockBatch::Entry& entry : batch.all()) entry.kind = PageState::released;
    return {};
}

}  // namespace tenon::balloon
