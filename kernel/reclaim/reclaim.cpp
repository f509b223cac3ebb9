// SPDX-License-Identifier: Apache-2.0
// Getting memory back from parts of the system that can give some up.
#include "kernel/reclaim/reclaim.h"

#include <atomic>
#include <mutex>

#include "kernel/mm/heap.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/shortage.h"
#include "kernel/sched/stack_cache.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"

extern "C" {
extern const tenon::Shrinker __tenon_shrinkers_begin[];
extern const tenon::Shrinker __tenon_shrinkers_end[];
extern const tenon::ReclaimNowHook __tenon_reclaim_now_begin[];
extern const tenon::ReclaimNowHook __tenon_reclaim_now_end[];
}

namespace tenon {

namespace {

/// One thread reclaims at a time: a second one that needs memory finds what the first has freed.
constinit Mutex reclaiming;
constinit std::atomic<const Thread*> reclaimer = nullptr;
constinit std::atomic<void (*)()> pressure_listener = nullptr;

std::uint64_t trim_heap() {
    return ram_zone().with([](Zone& zone) {
        const std::uint64_t before = zone.pages.free_pages();
        zone.heap.trim();
        return (zone.pages.free_pages() - before) * page_size;
    });
}

}  // namespace

std::uint64_t reclaim_memory(std::uint64_t wanted, ShrinkerOrder last) {
    if (interrupts::masked() || reclaimer.load() == &Thread::current()) return 0;
    const std::lock_guard lock(reclaiming);
    reclaimer.store(&Thread::current());
    std::uint64_t freed = trim_heap();
    if (freed < wanted) freed += drop_cached_stacks();
    for (int order = 0; order <= static_cast<int>(last); ++order)
        for (const Shrinker* shrinker = __tenon_shrinkers_begin; shrinker != __tenon_shrinkers_end; ++shrinker)
            if (static_cast<int>(shrinker->order) == order && freed < wanted) freed += shrinker->shrink(wanted - freed);
    reclaimer.store(nullptr);
    note_memory_pressure();
    return freed;
}

std::uint64_t reclaim_for_allocation(std::uint64_t bytes) { return reclaim_memory(bytes); }

void note_memory_pressure() {
    if (auto* listener = pressure_listener.load(); listener != nullptr) listener();
}

void set_memory_pressure_listener(void (*listener)()) { pressure_listener.store(listener); }

void reclaim_now() {
    heap_trim();
    (void)drop_cached_stacks();
    for (const ReclaimNowHook* hook = __tenon_reclaim_now_begin; hook != __tenon_reclaim_now_end; ++hook) hook->run();
}

}  // namespace tenon
