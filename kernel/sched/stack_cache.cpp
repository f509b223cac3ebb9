// SPDX-License-Identifier: Apache-2.0
// A few stacks of the usual size, the last one that came back first: its pages are in the processor's caches.
#include "kernel/sched/stack_cache.h"

#include <algorithm>
#include <array>
#include <bit>

#include "kernel/base/address.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/mm/zone.h"
#include "kernel/sched/thread.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {
namespace {

constexpr std::uint32_t cached_order = std::countr_zero(default_stack_size / page_size);
constexpr std::size_t most_stacks = 16;
constexpr std::uint64_t largest_share = 64;  // of the machine's memory, at most one part of so many

struct Cache {
    std::array<void*, most_stacks> stacks{};
    std::size_t count = 0;

    [[nodiscard]] void* take() { return count != 0 ? stacks[--count] : nullptr; }
};
constinit Locked<Cache> cache("stack cache");

std::size_t limit_by_memory() {
    const std::uint64_t pages = ram_zone().with([](const Zone& zone) { return zone.pages.total_pages(); });
    return std::clamp<std::size_t>(pages * page_size / largest_share / default_stack_size, 1, most_stacks);
}

}  // namespace

void* take_stack(std::uint32_t order) {
    void* stack = nullptr;
    if (order == cached_order) stack = cache.with([](Cache& kept) { return kept.take(); });
    return stack != nullptr ? stack : allocate_guarded_pages(order);
}

void give_stack(void* pages, std::uint32_t order) {
    const std::size_t limit = order == cached_order ? limit_by_memory() : 0;
    const bool is_kept = limit != 0 && cache.with([&](Cache& kept) {
        if (kept.count == limit) return false;
        kept.stacks[kept.count++] = pages;
        return true;
    });
    if (!is_kept) free_guarded_pages(pages, order);
}

std::uint64_t drop_cached_stacks() {
    std::uint64_t freed = 0;
    for (;;) {
        void* stack = cache.with([](Cache& kept) { return kept.take(); });
        if (stack == nullptr) return freed;
        free_guarded_pages(stack, cached_order);
        freed += default_stack_size;
    }
}

}  // namespace tenon
