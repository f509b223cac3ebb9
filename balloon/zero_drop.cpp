// SPDX-License-Identifier: Apache-2.0
// Looking at pages and dropping the zero ones, as one step.
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

/// The calling thread's stack: calls made between the look and the drop write to it.
std::uint64_t own_stack(PageIndex first) {
    const Thread& thread = Thread::current();
    return bits_of(page_of(thread.stack_begin()), page_of(thread.stack_begin() + thread.stack_size()), first);
}

}  // namespace

DroppedChunk drop_zero_pages(PageIndex first, ZeroTest is_zero, std::uint64_t keep) {
    const std::uint64_t left_out = own_stack(first) | reporting_memory(first);
    DroppedChunk result{};
    std::array<PageRun, chunk_pages / 2> runs;
    std::size_t count = 0;
    bool by_guest = false;
    run_alone([&] {
        ram_zone().with([&](Zone& zone) {
            result.seen = find_zero_pages(zone, first, is_zero, left_out);
            for_each_run(result.seen.zero & ~keep, first, [&](PageRun run) {
                std::byte* pages = zone.address_of(run.first);
                if (file_backed(pages, std::size_t{run.count} * page_size)) return;
                by_guest = drop_pages(pages, std::size_t{run.count} * page_size);
                runs[count++] = run;
                result.dropped |= bits_of(run.first, run.first + run.count, first);
            });
        });
        // Where the device drops the pages, it does so now: nobody writes before it has.
        if (count != 0 && !by_guest && !tell_device(std::span(runs).first(count))) result.dropped = 0;
    });
    if (count != 0 && by_guest) (void)tell_device(std::span(runs).first(count));
    return result;
}

}  // namespace tenon::balloon
