// SPDX-License-Identifier: Apache-2.0
// The machine's two zones, and the interfaces over them.
#include "kernel/mm/memory.h"

#include <cstring>

#include "kernel/mm/heap.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/mm/shortage.h"
#include "kernel/platform/platform.h"
#include "kernel/trap/panic.h"

namespace tenon {

namespace {
constinit Locked<Zone> ram("RAM");
constinit Locked<Zone> dma("DMA zone");
}  // namespace

Locked<Zone>& ram_zone() { return ram; }
Locked<Zone>& dma_zone() { return dma; }

namespace {

/// Calls `allocate`. While that returns null and the caller may block, reclaims memory and tries again: for more each
/// time, because reclaimed memory may be scattered.
template <typename Allocate>
void* with_reclaim(std::size_t size, Allocate&& allocate) {
    void* pointer = allocate();
    if (pointer != nullptr || interrupts::masked()) return pointer;
    constexpr unsigned most_attempts = 6;
    for (unsigned attempt = 0; attempt != most_attempts && pointer == nullptr; ++attempt) {
        const std::uint64_t total = ram.with([](Zone& zone) { return zone.pages.total_pages() * page_size; });
        if (size > total) break;
        const std::uint64_t freed = reclaim_for_allocation(std::uint64_t{size} << attempt);
        // Tries again even if nothing was freed: another thread may have freed memory while this one waited for its
        // turn.
        pointer = allocate();
        if (freed == 0) break;
    }
    return pointer;
}

void* allocate_block_at_once(std::uint32_t order, PageState state) {
    return ram.with([=](Zone& zone) -> void* {
        PageIndex page = zone.pages.allocate(order, state);
        if (page == no_page) {
            zone.heap.trim();
            page = zone.pages.allocate(order, state);
        }
        return page == no_page ? nullptr : zone.address_of(page);
    });
}

void* allocate_block(std::uint32_t order, PageState state) {
    if (order >= BuddyAllocator::order_count) return nullptr;
    return with_reclaim(page_size << order, [=] { return allocate_block_at_once(order, state); });
}

void free_block(void* pages, std::uint32_t order, PageState state) {
    const std::uint64_t address = to_integer(to_physical(pages));
    if (address % page_size != 0 || address / page_size >= no_page) panic("pages freed at %p", pages);
    ram.with([=](Zone& zone) { zone.pages.free(static_cast<PageIndex>(address / page_size), order, state); });
}

}  // namespace

void* allocate_pages(std::uint32_t order) { return allocate_block(order, PageState::allocated); }
void free_pages(void* pages, std::uint32_t order) { free_block(pages, order, PageState::allocated); }

void* allocate_guarded_pages(std::uint32_t order) {
    // The record is marked as guarded before the page is: code that walks over memory must never touch the guard page.
    void* pages = allocate_block(order, PageState::guarded);
    if (pages != nullptr) platform().set_guard_page(pages, true);
    return pages;
}

void free_guarded_pages(void* pages, std::uint32_t order) {
    platform().set_guard_page(pages, false);
    free_block(pages, order, PageState::guarded);
}

namespace {

void* allocate_from(Zone& zone, std::size_t size, std::size_t alignment, PageState* kind = nullptr) {
    void* pointer = zone.heap.allocate(size, alignment, kind);
    if (pointer == nullptr) {
        // Empty slabs that other size classes keep may be enough.
        zone.heap.trim();
        pointer = zone.heap.allocate(size, alignment, kind);
    }
    return pointer;
}

}  // namespace

void* heap_allocate(std::size_t size, std::size_t alignment) {
    return with_reclaim(size,
                        [=] { return ram.with([=](Zone& zone) { return allocate_from(zone, size, alignment); }); });
}

void* heap_allocate_zeroed(std::size_t size) {
    bool is_zero = false;
    void* pointer = with_reclaim(size, [&] {
        return ram.with([&](Zone& zone) {
            PageState kind{};
            void* allocated = allocate_from(zone, size, size_classes::granule, &kind);
            is_zero = kind == PageState::released && zone.released_is_zero;
            return allocated;
        });
    });
    if (pointer != nullptr && !is_zero) std::memset(pointer, 0, size);
    return pointer;
}

void heap_free(void* pointer) {
    if (pointer != nullptr) ram.with([=](Zone& zone) { zone.heap.free(pointer); });
}

std::size_t heap_usable_size(const void* pointer) {
    return ram.with([=](Zone& zone) { return zone.heap.usable_size(pointer); });
}

bool heap_shrink(void* pointer, std::size_t size) {
    return ram.with([=](Zone& zone) { return zone.heap.shrink(pointer, size); });
}

void heap_trim() {
    ram.with([](Zone& zone) { zone.heap.trim(); });
}

void* dma_allocate(std::size_t size, std::size_t alignment) {
    return dma.with([=](Zone& zone) { return allocate_from(zone, size, alignment); });
}

void dma_free(void* pointer) {
    if (pointer != nullptr) dma.with([=](Zone& zone) { zone.heap.free(pointer); });
}

MemoryStatistics memory_statistics() {
    MemoryStatistics result{};
    ram.with([&](Zone& zone) {
        result.total_bytes = zone.pages.total_pages() * page_size;
        result.free_bytes = zone.pages.free_pages() * page_size;
        result.heap_bytes = zone.heap.held_pages() * page_size;
        result.released_bytes = zone.pages.released_pages() * page_size;
    });
    dma.with([&](Zone& zone) {
        result.dma_total_bytes = zone.pages.total_pages() * page_size;
        result.dma_free_bytes = zone.pages.free_pages() * page_size;
    });
    return result;
}

}  // namespace tenon
