// SPDX-License-Identifier: Apache-2.0
// Notifying the program when memory is short.
#include "kernel/lifecycle/memory_pressure.h"

#include <algorithm>
#include <atomic>

#include "kernel/console/console.h"
#include "kernel/lifecycle/call_limit.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/memory_counters.h"
#include "kernel/reclaim/reclaim.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"

namespace tenon {

namespace {

constexpr Nanoseconds interval = 1'000'000'000;
constexpr std::uint64_t highest_watermark = (64 << 20) / page_size;

constinit std::atomic<MemoryPressureHandler> pressure_handler = nullptr;
constinit Semaphore pressure;
constinit std::atomic<bool> noted = false;
constexpr Nanoseconds call_limit = 5'000'000'000;
constinit CallLimit limit{[] { warn("the program's memory pressure handler takes longer than 5 s"); }};
constinit std::atomic<bool> thread_runs = false;

std::uint64_t free_bytes() {
    return ram_zone().with([](Zone& zone) { return zone.pages.free_pages() * page_size; });
}

void wake_thread() {
    if (pressure_handler.load() != nullptr && !noted.exchange(true)) pressure.post();
}

/// The page allocator calls wake_thread() at the next allocation that leaves less than the watermark.
void watch_free_memory() {
    ram_zone().with([](Zone& zone) {
        const std::uint64_t watermark = std::min(zone.pages.total_pages() / 16, highest_watermark);
        zone.pages.watch_shortage(watermark, wake_thread);
    });
}

void serve_pressure(void*) {
    for (;;) {
        pressure.wait();
        noted.store(false);
        count_memory(abi::MemoryCounter::pressure_calls, 1);
        if (const MemoryPressureHandler handler = pressure_handler.load(); handler != nullptr)
            limit.watch(call_limit, [handler] { handler(free_bytes()); });
        Thread::sleep_until(monotonic_now() + interval);
        watch_free_memory();
    }
}

}  // namespace

bool set_memory_pressure_handler(MemoryPressureHandler handler) {
    pressure_handler.store(handler);
    if (handler == nullptr || thread_runs.exchange(true)) return true;
    const Thread::Options options{
        .name = "memory pressure", .priority = Priority::tools, .stack_size = 64 * 1024, .detached = true};
    if (!Thread::create(options, serve_pressure, nullptr)) {
        thread_runs.store(false);
        return false;
    }
    set_memory_pressure_listener(wake_thread);
    watch_free_memory();
    return true;
}

}  // namespace tenon
