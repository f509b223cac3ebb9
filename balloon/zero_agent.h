// SPDX-License-Identifier: Apache-2.0
// The zero-page agent: gives back the host's memory behind zero-filled pages, which stay in use.
//
// A dropped page reads as zeros, so the guest sees no difference. Where the device drops pages, that holds on any
// device that follows the specification (virtio 1.2, 5.5.6.7: with PAGE_POISON and poison_val 0 it changes a reported
// page only to zeros). No write may come between the check of a page and its dropping, so both are one step during
// which no other code runs (kernel/sched/alone.h). Pages to which that step itself writes are left out: its stack, and
// memory that reporting uses. So are pages that are a file's private mapping, because they would read as the file. The
// DMA zone is not part of the RAM zone.
#pragma once

#include <atomic>

#include "balloon/scan_budget.h"
#include "balloon/zero_chunk.h"
#include "kernel/sched/wait.h"
#include "kernel/time/timer.h"

namespace tenon::balloon {

class ZeroAgent {
public:
    struct Options {
        ScanBudget::Limits budget;
        Nanoseconds delay;     ///< between the allocation of pages and their check
        Nanoseconds interval;  ///< least time between two passes over all of RAM
    };
    /// `page_count` is that of the RAM zone; `first_noted` must call pages_given_out() of this object.
    ZeroAgent(const Options& options, ZeroTest is_zero, PageIndex page_count, RecentPages::FirstNoted first_noted)
        : options_(options),
          budget_(options.budget),
          is_zero_(is_zero),
          page_count_(page_count),
          recent_pages_(first_noted) {}

    /// For the RAM zone to note its allocations; guarded by the zone's lock.
    [[nodiscard]] RecentPages& recent_pages() { return recent_pages_; }

    /// The agent's thread.
    [[noreturn]] void run();

    /// Requests a check of all of RAM, without a budget. Any context.
    void request_full_scan() { request(full_scan); }
    /// Pages were allocated: they are checked when the delay is over. Any context.
    void pages_given_out();

private:
    enum Request : std::uint32_t { recent = 1, sweep = 2, full_scan = 4 };

    void request(Request what);
    void look_at_recent();
    void sweep_all();
    void scan_all();
    void look_within_budget(PageIndex first);
    /// Checks one chunk and drops zero pages; if `again`, also pages that were dropped before and were zero at each
    /// check since, as zeros may have been written to them. Returns the number of pages checked.
    std::uint32_t look_at(PageIndex first, bool again);
    void account(PageIndex first, const ZeroChunk& seen, std::uint64_t dropped, Nanoseconds time);

    static void request_recent(void* agent) { static_cast<ZeroAgent*>(agent)->request(recent); }
    static void request_sweep(void* agent) { static_cast<ZeroAgent*>(agent)->request(sweep); }

    Options options_;
    ScanBudget budget_;
    ZeroTest is_zero_;
    PageIndex page_count_;
    RecentPages recent_pages_;
    /// A bit for each page that was dropped and was zero at each check since; null until the first is dropped.
    std::uint64_t* dropped_ = nullptr;
    Nanoseconds next_sweep_ = 0;
    WaitQueue waiting_{"zero agent"};
    std::atomic<std::uint32_t> requests_ = 0;
    Timer recent_timer_{request_recent, this};
    Timer sweep_timer_{request_sweep, this};
};

}  // namespace tenon::balloon
