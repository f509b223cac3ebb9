// SPDX-License-Identifier: Apache-2.0
// The balloon's threads, and its registration with the kernel: one device per machine.
#include "pv-drivers/virtio/driver.h"

#include <mutex>
#include <new>

#include "balloon/balloon.h"
#include "balloon/options.h"
#include "balloon/reporting.h"
#include "balloon/wake_flag.h"
#include "balloon/zero_chunk.h"
#include "kernel/console/console.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/memory.h"
#include "kernel/reclaim/reclaim.h"
#include "kernel/sched/thread.h"
#include "kernel/time/timer.h"

namespace tenon::balloon {

namespace {

/// The device is brought up this long after it was found, so that the program's start is not delayed.
constexpr Nanoseconds start_delay = 10'000'000;
constexpr std::size_t stack_size = 32 * 1024;

constinit std::atomic<Balloon*> the_balloon = nullptr;
constinit Options options{};

// The worker thread: serves the device.
constinit WakeFlag work;

// The reporter thread: gives freed memory back.
constinit WakeFlag freed;
constinit std::atomic<Thread*> reporter = nullptr;
/// Held while free blocks are out to be reported.
constinit Mutex reporting;

void note_work() { work.set(); }
/// Ends a pause of the balloon.
constinit Timer rest_timer{[](void*) { note_work(); }, nullptr};
void note_freed() { freed.set(); }

/// Returns true as long as there are blocks to report.
bool report_one_batch(std::uint32_t least_order, BuddyAllocator::Tell watch) {
    const std::lock_guard lock(reporting);
    const Result<std::uint64_t> pages = the_balloon.load()->reporter().report_batch(least_order, watch);
    // A thread that waited for the batch may have raised the reporter's priority.
    if (&Thread::current() == reporter.load() && Thread::current().priority() != Priority::low)
        Thread::current().set_priority(Priority::low);
    return pages && *pages != 0;
}

/// After an error there is no watch: the worker restarts the device, and then wakes the reporter.
void report_freed_memory(void*) {
    for (;;) {
        // Empty slabs that the heap keeps may merge with freed blocks.
        heap_trim();
        while (report_one_batch(options.report_order, note_freed)) {
        }
        freed.wait();
        Thread::sleep_until(monotonic_now() + options.report_delay);
    }
}

void start_reporter() {
    if (reporter.load() != nullptr) return note_freed();
    if (!the_balloon.load()->reporter().may_report()) return;
    const Thread::Options thread{
        .name = "free page reporter", .priority = Priority::low, .stack_size = stack_size, .detached = true};
    const Result<Thread*> made = Thread::create(thread, report_freed_memory, nullptr);
    if (made)
        reporter.store(*made);
    else
        warn("balloon: no memory for a thread; free memory is not reported");
}

/// False: there is nothing to do before the next change.
bool serve_once(Balloon& balloon, bool& asked_for_room) {
    switch (balloon.serve()) {
        case Balloon::Served::more: return true;
        case Balloon::Served::idle: return false;
        case Balloon::Served::out_of_room:
            note_memory_pressure();
            if (std::exchange(asked_for_room, true)) return false;
            return reclaim_memory(Inflation::step * page_size, ShrinkerOrder::caches) != 0;
        case Balloon::Served::resting: rest_timer.start(balloon.rest_end()); return false;
        case Balloon::Served::broken: break;
    }
    warn("balloon: the device broke; its pages are free again, and it is restarted");
    if (!balloon.start()) {
        warn("balloon: the device cannot be restarted, and stays off");
        return false;
    }
    start_reporter();
    return true;
}

void serve_balloon(void*) {
    Thread::sleep_until(monotonic_now() + start_delay);
    Balloon& balloon = *the_balloon.load();
    if (const Result<> started = balloon.start(); !started) {
        warn("balloon: the device does not start (error %u)", static_cast<unsigned>(started.error()));
        return;
    }
    start_reporter();
    for (;;) {
        bool asked_for_room = false;
        while (serve_once(balloon, asked_for_room)) {
        }
        work.wait();
    }
}

/// Waits until the pages that are out to be reported are back.
std::uint64_t wait_for_reports(std::uint64_t) {
    Balloon* balloon = the_balloon.load();
    const std::uint64_t away = balloon != nullptr ? balloon->reporter().pages_away() : 0;
    if (away == 0) return 0;
    // Raises the reporter's priority, so that it finishes.
    Thread* thread = reporter.load();
    if (thread != nullptr && thread->priority() < Thread::current().priority())
        thread->set_priority(Thread::current().priority());
    const std::lock_guard lock(reporting);
    return away * page_size;
}

std::uint64_t deflate_for_memory(std::uint64_t wanted) {
    Balloon* balloon = the_balloon.load();
    return balloon != nullptr ? balloon->give_memory(wanted) : 0;
}

void report_everything() {
    if (!may_report()) return;
    while (report_one_batch(0, nullptr)) {
    }
}

Result<> probe(virtio::Transport& transport) {
    if (the_balloon.load() != nullptr) return fail(Error::busy);
    options = read_options(ram_zone().with([](Zone& zone) { return zone.pages.total_pages(); }));
    auto* balloon = new (std::nothrow) Balloon(transport, ram_zone(), options.floor, {.changed = note_work});
    if (balloon == nullptr) return fail(Error::no_memory);
    the_balloon.store(balloon);
    const Thread::Options thread{
        .name = "balloon", .priority = Priority::tools, .stack_size = stack_size, .detached = true};
    if (!Thread::create(thread, serve_balloon, nullptr)) {
        the_balloon.store(nullptr);
        delete balloon;
        return fail(Error::no_memory);
    }
    return {};
}

}  // namespace

Result<> tell_device(std::span<const PageRun> runs) {
    Balloon* balloon = the_balloon.load();
    return balloon != nullptr ? balloon->reporter().tell_device(runs) : fail(Error::not_supported);
}

std::uint64_t reporting_memory(PageIndex first) {
    Balloon* balloon = the_balloon.load();
    if (balloon == nullptr) return 0;
    const auto bits = [first](std::span<const std::byte> memory) {
        const std::uint64_t begin = to_integer(to_physical(memory.data())), end = begin + memory.size();
        return bits_of(static_cast<PageIndex>(begin / page_size),
                       static_cast<PageIndex>((end + page_size - 1) / page_size), first);
    };
    return bits(std::as_bytes(std::span(balloon, 1))) | bits(balloon->device().private_memory(Role::reporting));
}

bool may_report() {
    Balloon* balloon = the_balloon.load();
    return balloon != nullptr && balloon->reporter().may_report();
}

bool may_report_in_use() {
    Balloon* balloon = the_balloon.load();
    return balloon != nullptr && balloon->reporter().may_report_in_use();
}

}  // namespace tenon::balloon

static tenon::Result<> virtio_balloon(tenon::virtio::Transport& transport) { return tenon::balloon::probe(transport); }
TENON_VIRTIO_DRIVER(VIRTIO_ID_BALLOON, virtio_balloon);
using tenon::balloon::deflate_for_memory, tenon::balloon::report_everything, tenon::balloon::wait_for_reports;
TENON_SHRINKER(reports, wait_for_reports);
TENON_SHRINKER(balloon, deflate_for_memory);
TENON_RECLAIM_NOW(report_everything);
