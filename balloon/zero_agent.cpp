// SPDX-License-Identifier: Apache-2.0
// The zero-page agent: choosing pages to look at, and when.
#include "balloon/zero_agent.h"

#include <bit>

#include "balloon/reporting.h"
#include "balloon/zero_drop.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/memory_counters.h"
#include "kernel/sched/thread.h"
#include "kernel/time/clock.h"

namespace tenon::balloon {

void ZeroAgent::request(Request what) {
    requests_.fetch_or(what);
    waiting_.wake_all();
}

void ZeroAgent::pages_given_out() { recent_timer_.start(monotonic_now() + options_.delay); }

void ZeroAgent::run() {
    for (;;) {
        std::uint32_t requests = 0;
        waiting_.wait_until([&] { return (requests = requests_.exchange(0)) != 0; });
        if (!may_report_in_use()) continue;
        if ((requests & full_scan) != 0) scan_all();
        if ((requests & recent) != 0) look_at_recent();
        if ((requests & sweep) != 0) sweep_all();
    }
}

void ZeroAgent::look_at_recent() {
    bool forgotten = false;
    for (;;) {
        const RecentPages::Run run = ram_zone().with([&](Zone&) {
            forgotten = recent_pages_.take_overflowed() || forgotten;
            return recent_pages_.take();
        });
        if (run.count == 0) break;
        const PageIndex end = run.first + run.count;
        for (PageIndex first = run.first / chunk_pages * chunk_pages; first < end; first += chunk_pages)
            look_within_budget(first);
    }
    // A later pass over all pages finds those that became zero since; it is due at once if allocations were forgotten.
    // Without allocations there is no such pass.
    const Nanoseconds now = monotonic_now();
    if (forgotten) next_sweep_ = now;
    if (next_sweep_ == 0) next_sweep_ = now + options_.interval;
    sweep_timer_.start(std::max(next_sweep_, now));
}

void ZeroAgent::sweep_all() {
    for (PageIndex first = 0; first < page_count_; first += chunk_pages) look_within_budget(first);
    next_sweep_ = monotonic_now() + options_.interval;
}

void ZeroAgent::look_within_budget(PageIndex first) {
    Nanoseconds now = monotonic_now();
    while (!budget_.available(now)) {
        Thread::sleep_until(budget_.next());
        now = monotonic_now();
    }
    const std::uint32_t pages = look_at(first, false);
    budget_.spend(pages, monotonic_now() - now);
}

void ZeroAgent::scan_all() {
    for (PageIndex first = 0; first < page_count_; first += chunk_pages) look_at(first, true);
}

std::uint32_t ZeroAgent::look_at(PageIndex first, bool again) {
    const Nanoseconds begin = monotonic_now();
    const std::uint64_t before = dropped_ == nullptr ? 0 : dropped_[first / chunk_pages];
    const DroppedChunk chunk = drop_zero_pages(first, is_zero_, again ? 0 : before);
    account(first, chunk.seen, chunk.dropped, monotonic_now() - begin);
    return static_cast<std::uint32_t>(std::popcount(chunk.seen.looked_at));
}

void ZeroAgent::account(PageIndex first, const ZeroChunk& seen, std::uint64_t dropped, Nanoseconds time) {
    using abi::MemoryCounter;
    if (dropped != 0 && dropped_ == nullptr)
        dropped_ = static_cast<std::uint64_t*>(heap_allocate_zeroed((page_count_ + chunk_pages - 1) / chunk_pages * 8));
    count_memory(MemoryCounter::pages_scanned, static_cast<std::uint64_t>(std::popcount(seen.looked_at)));
    count_memory(MemoryCounter::pages_zero, static_cast<std::uint64_t>(std::popcount(seen.zero)));
    count_memory(MemoryCounter::scan_ns, time);
    if (dropped_ == nullptr) return;  // nothing was dropped, or there is no memory for the bitmap
    std::uint64_t& known = dropped_[first / chunk_pages];
    // Pages that were dropped, but are not zero or not in use any more.
    const std::uint64_t gone = known & ~seen.zero;
    count_memory(MemoryCounter::pages_dropped, static_cast<std::uint64_t>(std::popcount(dropped & ~known)));
    count_memory(MemoryCounter::pages_refaulted, static_cast<std::uint64_t>(std::popcount(gone)));
    known = (known | dropped) & seen.zero;
}

}  // namespace tenon::balloon
