// SPDX-License-Identifier: Apache-2.0
// The balloon itself: pages given to the host, and the two queues that report them.
#include "balloon/inflation.h"

#include <algorithm>

#include "kernel/mm/heap.h"
#include "kernel/mm/memory_counters.h"

namespace tenon::balloon {

namespace {

/// Large untouched blocks are preferred to blocks below 64 KiB, because each block costs time.
constexpr std::uint32_t worthwhile_order = 4;

}  // namespace

Inflation::~Inflation() { dma_free(numbers_); }

BlockBatch Inflation::gather_free(std::uint64_t pages) {
    BlockBatch batch;
    std::byte* base = nullptr;
    zone_.with([&](Zone& zone) {
        base = zone.base;
        BuddyAllocator& allocator = zone.pages;
        const std::uint64_t spare = allocator.free_pages() - std::min(allocator.free_pages(), floor_);
        std::uint64_t left = std::min({pages, spare, step});
        while (left != 0 && !batch.full()) {
            const std::uint32_t most = HeldBlocks::fitting_order(left);
            // First blocks for which the host holds memory: only those free any.
            PageState kind = PageState::free;
            BuddyAllocator::Block block = allocator.isolate(std::min(worthwhile_order, most), most);
            if (block.page == no_page) {
                kind = PageState::released;
                block = allocator.isolate_released(0, most);
            }
            if (block.page == no_page) {
                kind = PageState::free;
                block = allocator.isolate(0, most);
            }
            if (block.page == no_page) break;
            batch.add(block, kind);
            left -= std::uint64_t{1} << block.order;
        }
    });
    // Without the lock, because dropping may take a while; only this thread has the pages. A device that drops pages
    // may also change those for which the host held no memory.
    if (!drop_pages(base, 0)) zero_ = false;
    for (BlockBatch::Entry& entry : batch.all()) {
        if (entry.kind == PageState::released) continue;
        if (drop_run(base, entry.block.page, PageIndex{1} << entry.block.order, zero_))
            entry.kind = PageState::released;
    }
    return batch;
}

BlockBatch Inflation::gather_held(std::uint64_t pages) {
    BlockBatch batch;
    zone_.with([&](Zone& zone) {
        for (std::uint64_t left = std::min(pages, step); left != 0 && !batch.full();) {
            const BuddyAllocator::Block block = held_.pop(zone.pages, left);
            if (block.page == no_page) break;
            batch.add(block, PageState::released);
            left -= std::uint64_t{1} << block.order;
        }
    });
    return batch;
}

Result<> Inflation::tell(Role role, BlockBatch& batch) {
    if (numbers_ == nullptr) numbers_ = static_cast<std::uint32_t*>(dma_allocate(numbers_size));
    if (numbers_ == nullptr) return fail(Error::no_memory);
    std::size_t count = 0;
    for (const BlockBatch::Entry& entry : batch.all())
        for (PageIndex page = 0; page != PageIndex{1} << entry.block.order; ++page)
            numbers_[count++] = entry.block.page + page;
    std::array<Piece, step / numbers_per_buffer> pieces;
    std::size_t buffers = 0;
    for (std::size_t first = 0; first < count; first += numbers_per_buffer)
        pieces[buffers++] = {
            to_physical(numbers_ + first),
            static_cast<std::uint32_t>(std::min(numbers_per_buffer, count - first) * sizeof(std::uint32_t))};
    return device_.exchange(role, Direction::device_reads, std::span(pieces).first(buffers));
}

Result<std::uint64_t> Inflation::hand_over(Role role, BlockBatch batch) {
    if (batch.count == 0) return 0;
    const std::uint64_t count = batch.pages;
    const Result<> told = tell(role, batch);
    zone_.with([&](Zone& zone) {
        // Back to the guest: pages that the device gave back, or did not take. It may have dropped the latter before it
        // was reset, so their contents are undefined.
        if (told.has_value() == (role == Role::deflate)) {
            if (!zero_) zone.released_is_zero = false;
            return batch.give_back(zone.pages);
        }
        for (const BlockBatch::Entry& entry : batch.all()) held_.push(zone.pages, entry.block);
    });
    publish_count();
    if (!told) return fail(told.error());
    return count;
}

Result<std::uint64_t> Inflation::grow(std::uint64_t pages) { return hand_over(Role::inflate, gather_free(pages)); }
Result<std::uint64_t> Inflation::shrink(std::uint64_t pages) { return hand_over(Role::deflate, gather_held(pages)); }

void Inflation::forget() {
    while (held_.pages() != 0) {
        BlockBatch batch = gather_held(step);
        zone_.with([&](Zone& zone) {
            if (!zero_) zone.released_is_zero = false;
            batch.give_back(zone.pages);
        });
    }
    publish_count();
}

void Inflation::publish_count() const { set_memory_count(abi::MemoryCounter::pages_ballooned, held_.pages()); }

}  // namespace tenon::balloon
