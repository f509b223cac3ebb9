// SPDX-License-Identifier: Apache-2.0
// Deciding which part of RAM is used for what.
#include "kernel/mm/memory_plan.h"

namespace tenon {

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t dma_alignment = 2 * mebibyte;

/// The lowest free place for `size` bytes below `limit`, or 0.
std::uint64_t find_place(const MemoryMap& map, const MemoryPlan& plan, std::uint64_t size, std::uint64_t alignment,
                         std::uint64_t limit) {
    std::uint64_t place = 0;
    for (const abi::MemoryRange& range : map.ram) {
        const bool found = for_each_free_piece(
            range, {plan.taken.data(), plan.taken_count}, [&](std::uint64_t begin, std::uint64_t end) {
                const std::uint64_t first = align_up(begin, alignment);
                if (first >= std::min(end, limit) || std::min(end, limit) - first < size) return false;
                place = first;
                return true;
            });
        if (found) break;
    }
    return place;
}

void take(MemoryPlan& plan, const abi::MemoryRange& range) { plan.taken[plan.taken_count++] = range; }

}  // namespace

[[gnu::cold]] MemoryPlan plan_memory(const MemoryMap& map) {
    MemoryPlan plan{};
    // Three are added: DMA zone, metadata, and page 0, which is never used, so that a null pointer traps.
    if (map.reserved.size() + 3 > plan.taken.size()) {
        plan.error = "too many reserved ranges";
        return plan;
    }
    for (const abi::MemoryRange& range : map.reserved) take(plan, range);
    take(plan, {0, page_size});

    std::uint64_t ram_end = 0, ram_bytes = 0;
    for (const abi::MemoryRange& range : map.ram) {
        ram_end = std::max(ram_end, range.base + range.size);
        ram_bytes += range.size;
    }
    if (ram_end / page_size >= no_page) {
        plan.error = "more RAM than page numbers";
        return plan;
    }

    plan.dma = map.dma_zone;
    if (plan.dma.size == 0) {
        plan.dma.size = std::clamp(align_down(ram_bytes / 8, dma_alignment), dma_alignment, 64 * mebibyte);
        plan.dma.base = find_place(map, plan, plan.dma.size, dma_alignment, abi::hole_begin);
        if (plan.dma.base == 0) {
            plan.error = "no room for I/O memory";
            return plan;
        }
    }
    take(plan, plan.dma);

    plan.ram_page_count = static_cast<PageIndex>(ram_end / page_size);
    plan.dma_base = align_down(plan.dma.base, dma_alignment);
    plan.dma_page_count = static_cast<PageIndex>((plan.dma.base + plan.dma.size - plan.dma_base) / page_size);
    plan.metadata.size =
        align_up(PageRecords::bytes(plan.dma_page_count) + PageRecords::bytes(plan.ram_page_count), page_size);
    plan.metadata.base = find_place(map, plan, plan.metadata.size, page_size, UINT64_MAX);
    if (plan.metadata.base == 0) {
        plan.error = "no room for page records";
        return plan;
    }
    take(plan, plan.metadata);
    return plan;
}

}  // namespace tenon
