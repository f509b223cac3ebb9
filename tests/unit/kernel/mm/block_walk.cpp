// SPDX-License-Identifier: Apache-2.0
// Walking over blocks by address.
#include "kernel/mm/block_walk.h"

#include <catch2/catch.hpp>

#include "tests/unit/kernel/mm/host_zone.h"
#include "tests/unit/kernel/random.h"

using namespace tenon;
using tenon::test::HostZone;
using tenon::test::Random;

namespace {

/// Walks over the whole zone and checks that blocks do not overlap; returns the pages in use and the free ones.
struct Walked {
    PageIndex in_use = 0, free = 0, nowhere = 0;
};
Walked walk(const BuddyAllocator& pages) {
    Walked sum;
    for (PageIndex page = 0; page < pages.page_count();) {
        const auto block = find_block(pages, page);
        if (!block) {
            ++sum.nowhere;
            ++page;
            continue;
        }
        REQUIRE(block->first == page);
        // Every page inside leads to the same block.
        for (PageIndex inside = page; inside<block->end(); inside += block->count> 64 ? 37 : 1) {
            const auto again = find_block(pages, inside);
            REQUIRE((again && again->first == block->first && again->count == block->count));
        }
        (block->in_use() ? sum.in_use : sum.free) += block->count;
        page = block->end();
    }
    return sum;
}

}  // namespace

TEST_CASE("block walk: pages that were never given to the allocator lie in no block") {
    HostZone host(1000);
    host.zone.pages.add(100, 300);
    CHECK_FALSE(find_block(host.zone.pages, 0));
    CHECK_FALSE(find_block(host.zone.pages, 99));
    CHECK(find_block(host.zone.pages, 100));
    CHECK(find_block(host.zone.pages, 399));
    CHECK_FALSE(find_block(host.zone.pages, 400));
    CHECK_FALSE(find_block(host.zone.pages, 999));
}

TEST_CASE("block walk: a page beyond the zone lies in no block") {
    HostZone host(1000);
    host.zone.pages.add(0, 1000);
    CHECK_FALSE(find_block(host.zone.pages, 1000));
    CHECK_FALSE(find_block(host.zone.pages, no_page));
}

TEST_CASE("block walk: a free block is not in use, and a guarded one not in its first page") {
    HostZone host(64);
    host.zone.pages.add(0, 64);
    CHECK_FALSE(find_block(host.zone.pages, 5)->in_use());
    const PageIndex stack = host.zone.pages.allocate(2, PageState::guarded);
    const auto block = find_block(host.zone.pages, stack + 3);
    REQUIRE(block);
    CHECK(block->in_use());
    CHECK(block->first_accessible() == stack + 1);
    const PageIndex isolated = host.zone.pages.allocate(1, PageState::isolated);
    CHECK_FALSE(find_block(host.zone.pages, isolated + 1)->in_use());
}

TEST_CASE("block walk: agrees with the allocator whatever was allocated and freed") {
    HostZone host(1 << 14);
    Zone& zone = host.zone;
    zone.pages.add(3, 9000);
    zone.pages.add(9100, (1 << 14) - 9100);
    Random random(7);
    std::vector<void*> objects(100);
    std::vector<std::pair<PageIndex, std::uint32_t>> blocks;
    for (int step = 0; step != 3000; ++step) {
        if (random(2) == 0) {
            void*& object = objects[random(100)];
            zone.heap.free(object);
            object = zone.heap.allocate(1 + random(random(8) == 0 ? 600'000 : 9000), 16);
        } else if (blocks.size() < 40) {
            const std::uint32_t order = random(6);
            const PageIndex page = zone.pages.allocate(order);
            if (page != no_page) blocks.emplace_back(page, order);
        } else {
            const std::size_t which = random(40);
            zone.pages.free(blocks[which].first, blocks[which].second);
            blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(which));
        }
        if (step % 100 != 0) continue;
        const Walked sum = walk(zone.pages);
        REQUIRE(sum.free == zone.pages.free_pages());
        REQUIRE(sum.in_use == zone.pages.total_pages() - zone.pages.free_pages());
        REQUIRE(sum.nowhere == (1 << 14) - zone.pages.total_pages());
    }
}

TEST_CASE("recent pages: remembers runs once somebody listens, and says when it forgot some") {
    HostZone host(1 << 12);
    BuddyAllocator& pages = host.zone.pages;
    pages.add(0, 1 << 12);
    static_cast<void>(pages.allocate(0));
    static int told;
    told = 0;
    RecentPages recent([] { ++told; });
    pages.note_in(&recent);
    CHECK(recent.take().count == 0);
    const PageIndex first = pages.allocate(3);
    const PageIndex run = pages.allocate_run(5);
    CHECK(told == 1);
    CHECK_FALSE(recent.take_overflowed());
    const RecentPages::Run last = recent.take();
    CHECK((last.first == run && last.count == 5));
    CHECK(recent.take().first == first);
    CHECK(recent.take().count == 0);
    for (int i = 0; i != 300; ++i) static_cast<void>(pages.allocate(0));
    CHECK(told == 2);
    CHECK(recent.take_overflowed());
    CHECK_FALSE(recent.take_overflowed());
}
