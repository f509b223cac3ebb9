// SPDX-License-Identifier: Apache-2.0
// Checking pages and dropping the zero ones, as one step.
#include "balloon/zero_drop.h"

#include <array>
#include <span>

#include "balloon/reporting.h"
#include "kernel/base/address.h"
#include "kernel/mm/host_pages.h"
#include "kernel/mm/memory.h"
#include "kernel/sched/alone.h"
#include "kernel/sched/thread.h"

namespace tenon::balloon {

namespace {

PageIndex page_of(std::uintptr_t address) {
    return static_cast<PageIndex>(to_integer(to_physical(reinterpret_cast<void*>(address))) / page_size);
}

/// The pages of the stacks in use: of the calling thread, whose calls write there between check and drop, and of those
/// that other vCPUs are stopped in, where an interrupt may be saved.
std::uint64_t stacks_in_use(PageIndex first) {
    std::uint64_t pages = 0;
    for_each_running_thread([&](const Thread& thread) {
        pages |= bits_of(page_of(thread.stack_begin()), page_of(thread.stack_begin() + thread.stack_size()), first);
    });
    return pages;
}

}  // namespace

DroppedChunk drop_zero_pages(PageIndex first, ZeroTest is_zero, std::uint64_t keep) {
    const std::uint64_t device_memory = reporting_memory(first);
    DroppedChunk result{};
    // For the device to drop: empty where the guest drops pages itself.
    std::array<PageRun, chunk_pages / 2> runs;
    std::size_t count = 0;
    run_alone([&] {
        const std::uint64_t left_out = stacks_in_use(first) | device_memory;
        ram_zone().with([&](Zone& zone) {
            result.seen = find_zero_pages(zone, first, is_zero, left_out);
            for_each_run(result.seen.zero & ~keep, first, [&](PageRun run) {
                std::byte* pages = zone.address_of(run.first);
                if (file_backed(pages, std::size_t{run.count} * page_size)) return;
                if (!drop_pages(pages, std::size_t{run.count} * page_size)) runs[count++] = run;
                result.dropped |= bits_of(run.first, run.first + run.count, first);
            });
        });
        // No code of the guest runs, and so writes, before the device has dropped the pages.
        if (count == 0 || tell_device(std::span(runs).first(count))) return;
        for (const PageRun& run : std::span(runs).first(count))
            result.dropped &= ~bits_of(run.first, run.first + run.count, first);
    });
    return result;
}

}  // namespace tenon::balloon
