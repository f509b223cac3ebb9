// SPDX-License-Identifier: Apache-2.0
// Zero pages in use: found, given back, and still the program's.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "balloon/reporting.h"
#include "balloon/zero_drop.h"
#include "kernel/arch/x86_64/xstate.h"
#include "kernel/base/address.h"
#include "kernel/mm/memory.h"
#include "kernel/mm/memory_counters.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/reclaim/reclaim.h"
#include "kernel/sched/thread.h"
#include "tests/guest/test.h"

namespace {

using namespace tenon;
using namespace tenon::balloon;

/// Pages of one chunk that were written to, and then filled with zeros.
class ZeroedChunk {
public:
    ZeroedChunk() : bytes_(static_cast<std::byte*>(aligned_alloc(size, size))) {
        std::memset(bytes_, 1, size);
        std::memset(bytes_, 0, size);
    }
    ~ZeroedChunk() { std::free(bytes_); }
    static constexpr std::size_t size = chunk_pages * page_size;

    [[nodiscard]] std::byte* page(PageIndex index) { return bytes_ + std::size_t{index} * page_size; }
    [[nodiscard]] PageIndex first() const {
        return static_cast<PageIndex>(to_integer(to_physical(bytes_)) / page_size);
    }

private:
    std::byte* bytes_;
};

void need_device() {
    const Nanoseconds deadline = monotonic_now() + 5'000'000'000;
    while (!may_report_in_use() && monotonic_now() < deadline) Thread::sleep_until(monotonic_now() + 1'000'000);
    if (!may_report_in_use()) tenon::test::skip("there is no device that takes reports of pages in use");
}

ZeroTest zero_test() { return choose_zero_test(tenon_xstate_mask); }

}  // namespace

GUEST_TEST(zero_pages_in_use_are_dropped_and_stay_the_programs) {
    need_device();
    ZeroedChunk chunk;
    chunk.page(7)[4095] = std::byte{9};
    const DroppedChunk dropped = drop_zero_pages(chunk.first(), zero_test(), 0);
    EXPECT(dropped.seen.looked_at == ~std::uint64_t{0});
    EXPECT(dropped.dropped == ~bits_of(chunk.first() + 7, chunk.first() + 8, chunk.first()));
    EXPECT(chunk.page(7)[4095] == std::byte{9});
    for (PageIndex page = 0; page != chunk_pages; ++page) EXPECT(chunk.page(page)[17] == std::byte{0});
    std::memset(chunk.page(3), 5, page_size);
    EXPECT(chunk.page(3)[4095] == std::byte{5});
    EXPECT(drop_zero_pages(chunk.first(), zero_test(), 0).seen.zero ==
           (dropped.dropped & ~bits_of(chunk.first() + 3, chunk.first() + 4, chunk.first())));
}

GUEST_TEST(pages_to_keep_are_not_dropped) {
    need_device();
    ZeroedChunk chunk;
    const DroppedChunk dropped = drop_zero_pages(chunk.first(), zero_test(), 0xFF00);
    EXPECT(dropped.seen.zero == ~std::uint64_t{0});
    EXPECT(dropped.dropped == ~std::uint64_t{0xFF00});
}

GUEST_TEST(neither_the_own_stack_nor_a_guard_page_is_looked_at) {
    need_device();
    const Thread& thread = Thread::current();
    const auto page_at = [](std::uintptr_t address) {
        return static_cast<PageIndex>(to_integer(to_physical(reinterpret_cast<void*>(address))) / page_size);
    };
    const PageIndex begin = page_at(thread.stack_begin()), end = page_at(thread.stack_begin() + thread.stack_size());
    // The guard page is right below; reading it would end the machine.
    for (PageIndex first = (begin - 1) / chunk_pages * chunk_pages; first < end; first += chunk_pages) {
        const ZeroChunk seen = drop_zero_pages(first, zero_test(), 0).seen;
        EXPECT((seen.looked_at & bits_of(begin - 1, end, first)) == 0);
    }
}

GUEST_TEST(free_pages_are_left_to_the_reports) {
    need_device();
    PageIndex first = 0;
    {
        ZeroedChunk chunk;
        first = chunk.first();
    }
    // Other threads may have allocated some of them by now, so only free pages are checked.
    const DroppedChunk dropped = drop_zero_pages(first, zero_test(), 0);
    EXPECT(dropped.seen.looked_at != ~std::uint64_t{0});
}

GUEST_TEST(a_full_scan_finds_what_is_zero_and_notices_what_is_no_more) {
    using abi::MemoryCounter;
    need_device();
    constexpr std::size_t pages = 1024;
    const std::unique_ptr<std::byte, decltype(&std::free)> memory(
        static_cast<std::byte*>(aligned_alloc(page_size, pages * page_size)), &std::free);
    std::memset(memory.get(), 1, pages * page_size);
    const auto scan_until = [](MemoryCounter counter, std::uint64_t wanted) {
        const Nanoseconds deadline = monotonic_now() + 60'000'000'000;
        while (memory_count(counter) < wanted && monotonic_now() < deadline) {
            reclaim_now();
            Thread::sleep_until(monotonic_now() + 5'000'000);
        }
        return memory_count(counter) >= wanted;
    };
    // Some of these pages may have been dropped for their former owner. Such a page is counted again only after a scan
    // that found it not to be zero. At least one whole scan lies within twice as many pages as there are.
    const PageIndex all = ram_zone().with([](Zone& zone) { return zone.pages.page_count(); });
    EXPECT(scan_until(MemoryCounter::pages_scanned, memory_count(MemoryCounter::pages_scanned) + 2 * all));
    // Counted from before the pages are zeroed: a scan may be running already.
    const std::uint64_t dropped_before = memory_count(MemoryCounter::pages_dropped);
    std::memset(memory.get(), 0, pages * page_size);
    EXPECT(scan_until(MemoryCounter::pages_dropped, dropped_before + pages - chunk_pages));
    const std::uint64_t refaulted = memory_count(MemoryCounter::pages_refaulted);
    for (std::size_t page = 0; page != pages; ++page) {
        EXPECT(memory.get()[page * page_size + 5] == std::byte{0});
        memory.get()[page * page_size] = std::byte{1};
    }
    EXPECT(scan_until(MemoryCounter::pages_refaulted, refaulted + pages - chunk_pages));
    for (std::size_t page = 0; page != pages; ++page) EXPECT(memory.get()[page * page_size] == std::byte{1});
}
