// SPDX-License-Identifier: Apache-2.0
// The zero-page hint agent: gives the host's memory behind zero-filled pages back while they stay in use.
//
// A page that the host dropped reads as zeros, so nobody in the guest sees a difference, on any device that follows the
// specification (virtio 1.2, 5.5.6.7: with PAGE_POISON and poison_val 0 a reported page is changed to nothing but
// zeros). What must never happen is a write between the look at a page and the host's dropping it. So both are one step
// during which nothing else runs (kernel/sched/alone.h), and what that step itself writes to is left out: the stack it
// runs on, and what reporting keeps in RAM. The DMA zone is no part of the RAM zone, and a page that is a file's
// private mapping is left alone, because it would read as the file.
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
        Nanoseconds delay;     ///< from when pages are given out until they are looked at
        Nanoseconds interval;  ///< at least, between two passes over all of RAM
    };
    /// `page_count`: of the RAM zone.
    /// `first_noted` calls pages_given_out() of this object.
    ZeroAgent(const Options& options, ZeroTest is_zero, PageIndex page_count, RecentPages::FirstNoted first_noted)
        : options_(options),
          budget_(options.budget),
          is_zero_(is_zero),
          page_count_(page_count),
          recent_pages_(first_noted) {}

    /// Where the RAM zone is to note what it gives out; with the zone's lock.
    [[nodiscard]] RecentPages& recent_pages() { return recent_pages_; }

    /// The agent's thread.
    [[noreturn]] void run();

    /// All of RAM is looked at next, whatever the budget says. Any context.
    void request_full_scan() { request(full_scan); }
    /// Pages were given out: they are looked at when the delay is over. Any context.
    void pages_given_out();

private:
    enum Request : std::uint32_t { recent = 1, sweep = 2, full_scan = 4 };

    void request(Request what);
    void look_at_recent();
    void sweep_all();
    void scan_all();
    void look_within_budget(PageIndex first);
    /// Looks at one chunk and drops what is zero; `again`: also pages that were dropped before and not seen to change
    /// since, which may have been written with zeros meanwhile. Returns the pages looked at.
    std::uint32_t look_at(PageIndex first, bool again);
    void account(PageIndex first, const ZeroChunk& seen, std::uint64_t dropped, Nanoseconds time);

    static void request_recent(void* agent) { static_cast<ZeroAgent*>(agent)->request(recent); }
    static void request_sweep(void* agent) { static_cast<ZeroAgent*>(agent)->request(sweep); }

    Options options_;
    ScanBudget budget_;
    ZeroTest is_zero_;
    PageIndex page_count_;
    RecentPages recent_pages_;
    /// A bit for each page that was dropped and has not been seen to hold anything since; null until the first.
    std::uint64_t* dropped_ = nullptr;
    Nanoseconds next_sweep_ = 0;
    WaitQueue waiting_{"zero agent"};
    std::atomic<std::uint32_t> requests_ = 0;
    Timer recent_timer_{request_recent, this};
    Timer sweep_timer_{request_sweep, this};
};

}  // namespace tenon::balloon
