// SPDX-License-Identifier: Apache-2.0
// Page records whose memory can be dropped.
#include "kernel/mm/idle_records.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "tests/unit/kernel/mm/host_zone.h"
#include "tests/unit/kernel/random.h"

using namespace tenon;
using tenon::test::HostZone;
using tenon::test::Random;

TEST_CASE("idle records: those inside of a large free block, in whole pages") {
    HostZone host(8192);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 8192);
    const auto idle = idle_records(buddy, 1024, 512);
    CHECK(idle.size() >= page_size);
    CHECK(idle.size() <= 512 * sizeof(PageRecord) + 2 * page_size);
    CHECK(reinterpret_cast<std::uintptr_t>(idle.data()) % page_size == 0);
    // Those at the ends may share their page with others.
    const PageRecords& records = buddy.records();
    const auto all = idle_records(buddy, 0, 8192);
    CHECK(all.data() >= reinterpret_cast<std::byte*>(records.small_record(0)));
    CHECK(all.data() + all.size() <= reinterpret_cast<std::byte*>(records.small_record(8192)));
}

TEST_CASE("idle records: none where something is in use or was put aside") {
    HostZone host(8192);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 8192);
    SECTION("an allocated block") {
        REQUIRE(buddy.allocate(10) == 0);
        CHECK(idle_records(buddy, 0, 512).empty());
    }
    SECTION("a run of pages") {
        REQUIRE(buddy.allocate_run(700) == 0);
        CHECK(idle_records(buddy, 0, 512).empty());
    }
    SECTION("a block on its way to the host") {
        REQUIRE(buddy.isolate_released(9, 9).page == 0);
        CHECK(idle_records(buddy, 0, 512).empty());
    }
    SECTION("a free block that is too small") {
        REQUIRE(buddy.allocate(0) == 0);
        CHECK(idle_records(buddy, 256, 256).empty());
    }
    SECTION("more than the block") {
        REQUIRE(buddy.allocate(12) == 0);
        CHECK(idle_records(buddy, 4096, 8192).empty());
    }
    SECTION("no such page") { CHECK(idle_records(buddy, 9000, 1).empty()); }
}

TEST_CASE("idle records: the allocator does not miss them") {
    HostZone host(8192);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 8192);
    Random random(1);
    std::vector<std::pair<PageIndex, std::uint32_t>> taken;
    for (int step = 0; step != 4000; ++step) {
        if (random(2) == 0 || taken.empty()) {
            const auto order = random(11);
            if (const PageIndex page = buddy.allocate(order); page != no_page) taken.emplace_back(page, order);
        } else {
            const std::size_t which = random(taken.size());
            const auto [page, order] = taken[which];
            taken.erase(taken.begin() + static_cast<std::ptrdiff_t>(which));
            buddy.free(page, order);
        }
        const auto idle = idle_records(buddy, random(16) * 512, 512);
        if (!idle.empty()) std::memset(idle.data(), 0, idle.size());
        if (step % 100 == 0) host.check_sums();
    }
    for (const auto& [page, order] : taken) buddy.free(page, order);
    host.check_sums();
    CHECK(buddy.free_pages() == 8192);
    CHECK(buddy.allocate(13) != no_page);
}
