// SPDX-License-Identifier: Apache-2.0
// The page allocator, against a model that marks each page.
#include "kernel/mm/buddy.h"

#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "tests/unit/kernel/mm/host_zone.h"
#include "tests/unit/kernel/random.h"

using namespace tenon;
using tenon::test::HostZone;
using tenon::test::Panic;
using tenon::test::Random;

namespace {

/// The owner of each page: a second owner is an error.
class Model {
public:
    explicit Model(PageIndex count) : taken_(count) {}
    void take(PageIndex page, PageIndex count) {
        for (PageIndex i = page; i != page + count; ++i) {
            REQUIRE_FALSE(taken_[i]);
            taken_[i] = true;
        }
    }
    void give(PageIndex page, PageIndex count) {
        for (PageIndex i = page; i != page + count; ++i) taken_[i] = false;
    }

private:
    std::vector<bool> taken_;
};

}  // namespace

TEST_CASE("buddy: everything that was added can be allocated, once") {
    HostZone host(1000);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(3, 500);
    buddy.add(600, 399);
    Model model(1000);
    model.take(0, 3);
    model.take(503, 97);
    model.take(999, 1);
    for (int i = 0; i != 899; ++i) {
        const PageIndex page = buddy.allocate(0);
        REQUIRE(page != no_page);
        model.take(page, 1);
    }
    CHECK(buddy.allocate(0) == no_page);
    CHECK(buddy.free_pages() == 0);
    CHECK(buddy.total_pages() == 899);
}

TEST_CASE("buddy: blocks are naturally aligned, and join again") {
    HostZone host(4096);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 4096);
    std::vector<std::pair<PageIndex, std::uint32_t>> blocks;
    for (std::uint32_t order = 0; order != 11; ++order) {
        const PageIndex page = buddy.allocate(order);
        REQUIRE(page % (1U << order) == 0);
        blocks.emplace_back(page, order);
    }
    CHECK(buddy.allocate(12) == no_page);
    for (auto [page, order] : blocks) buddy.free(page, order);
    host.check_sums();
    const PageIndex all = buddy.allocate(12);
    CHECK(all == 0);
    CHECK(buddy.free_pages() == 0);
}

TEST_CASE("buddy: random work keeps the sums, and never gives a page twice") {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        Random random(seed);
        constexpr PageIndex count = 5000;
        HostZone host(count);
        BuddyAllocator& buddy = host.zone.pages;
        buddy.add(1, 1234);
        buddy.add(1300, count - 1300);
        const std::uint64_t total = buddy.total_pages();
        Model model(count);
        struct Held {
            PageIndex page, pages;
            std::uint32_t order;
            bool run;
        };
        std::vector<Held> held;
        std::uint64_t used = 0;
        for (int step = 0; step != 20'000; ++step) {
            const std::uint32_t action = random(8);
            if (action < 3) {
                const std::uint32_t order = random(7);
                const PageIndex page = buddy.allocate(order);
                if (page == no_page) continue;
                model.take(page, 1U << order);
                held.push_back({page, 1U << order, order, false});
                used += 1U << order;
            } else if (action == 3) {
                const PageIndex pages = 1 + random(100);
                const std::uint32_t alignment = random(5);
                const PageIndex page = buddy.allocate_run(pages, alignment);
                if (page == no_page) continue;
                REQUIRE(page % (1U << alignment) == 0);
                model.take(page, pages);
                held.push_back({page, pages, 0, true});
                used += pages;
            } else if (action == 4) {
                const auto block = buddy.isolate(random(4));
                if (block.page == no_page) continue;
                model.take(block.page, 1U << block.order);
                model.give(block.page, 1U << block.order);
                buddy.free(block.page, block.order, PageState::isolated, PageState::released);
            } else if (!held.empty()) {
                std::swap(held[random(held.size())], held.back());
                Held& last = held.back();
                if (last.run && random(4) == 0) {
                    const PageIndex rest = 1 + random(last.pages);
                    buddy.shrink_run(last.page, rest);
                    model.give(last.page + rest, last.pages - rest);
                    used -= last.pages - rest;
                    last.pages = rest;
                    continue;
                }
                model.give(last.page, last.pages);
                if (last.run)
                    buddy.free_run(last.page);
                else
                    buddy.free(last.page, last.order);
                used -= last.pages;
                held.pop_back();
            }
            REQUIRE(buddy.free_pages() == total - used);
            if (step % 500 == 0) host.check_sums();
        }
        for (const Held& each : held) {
            if (each.run)
                buddy.free_run(each.page);
            else
                buddy.free(each.page, each.order);
        }
        host.check_sums();
        REQUIRE(buddy.free_pages() == total);
        // All kinds join when one block needs it: pages 1300 .. 4999 hold [2048, 4096).
        CHECK(buddy.allocate(11) == 2048);
    }
}

TEST_CASE("buddy: single pages are touched only as many as were ever in use at once") {
    HostZone host(1 << 14);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 1 << 14);
    Random random(7);
    std::vector<PageIndex> held;
    std::set<PageIndex> touched;
    std::size_t most = 0;
    for (int step = 0; step != 50'000; ++step) {
        if (held.size() < 3000 && (held.empty() || random(2) == 0)) {
            held.push_back(buddy.allocate(0));
            touched.insert(held.back());
            most = std::max(most, held.size());
        } else {
            std::swap(held[random(held.size())], held.back());
            buddy.free(held.back(), 0);
            held.pop_back();
        }
    }
    CHECK(touched.size() == most);
    CHECK(buddy.released_pages() == (1 << 14) - most);
}

TEST_CASE("buddy: a run leaves what it does not need as it was") {
    HostZone host(1024);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 1024);
    const PageIndex run = buddy.allocate_run(257);
    CHECK(buddy.free_pages() == 1024 - 257);
    CHECK(buddy.released_pages() == 1024 - 257);
    buddy.shrink_run(run, 100);
    CHECK(buddy.free_pages() == 1024 - 100);
    CHECK(buddy.released_pages() == 1024 - 257);
    buddy.free_run(run);
    host.check_sums();
    CHECK(buddy.allocate(10) == 0);
}

TEST_CASE("buddy: reported blocks are taken last") {
    HostZone host(64);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 64);
    const PageIndex low = buddy.allocate(4), high = buddy.allocate(4);
    buddy.free(low, 4);
    const auto block = buddy.isolate(2);
    CHECK(block.page == low);
    CHECK(block.order == 4);
    CHECK(buddy.record(low).state == PageState::isolated);
    CHECK(buddy.isolate(0).page == no_page);
    buddy.free(block.page, block.order, PageState::isolated, PageState::released);
    buddy.free(high, 4);
    CHECK(buddy.allocate(2) == high);
    CHECK(buddy.released_pages() == 48);
}

TEST_CASE("buddy: what was not allocated so cannot be freed") {
    HostZone host(64);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 64);
    const PageIndex page = buddy.allocate(2);
    CHECK_THROWS_AS(buddy.free(page, 1), Panic);
    CHECK_THROWS_AS(buddy.free(page + 1, 0), Panic);
    CHECK_THROWS_AS(buddy.free(64, 0), Panic);
    CHECK_THROWS_AS(buddy.free(page, 40), Panic);
    buddy.free(page, 2);
    CHECK_THROWS_AS(buddy.free(page, 2), Panic);
    CHECK(buddy.allocate(27) == no_page);
    CHECK(buddy.allocate_run(0) == no_page);
    CHECK(buddy.allocate_run(65) == no_page);
}

TEST_CASE("buddy: a machine of 64 GiB costs a handful of pages of metadata") {
    constexpr PageIndex count = 16U << 20;
    HostZone host(count);
    host.zone.pages.add(600, (786432 - 600));
    host.zone.pages.add(1 << 20, count - (1 << 20));
    CHECK(host.zone.pages.allocate(0) == 600);
    CHECK(host.metadata_pages_touched() <= 6);
}

TEST_CASE("buddy: a block is isolated from the largest, and cut down to what is asked for") {
    HostZone host(4096);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 4096);
    CHECK(buddy.isolate(0).page == no_page);  // nothing was touched yet
    buddy.free(buddy.allocate(10), 10);
    CHECK(buddy.isolate(11).page == no_page);
    const auto block = buddy.isolate(4, 9);
    CHECK((block.page == 0 && block.order == 9));
    CHECK(buddy.record(0).state == PageState::isolated);
    CHECK(buddy.free_pages() == 4096 - 512);
    const auto rest = buddy.isolate(4, 9);
    CHECK((rest.page == 512 && rest.order == 9));
    const auto untouched = buddy.isolate_released(0, 9);
    CHECK((untouched.page == 2048 && untouched.order == 9));
    for (const auto& each : {block, rest, untouched})
        buddy.free(each.page, 9, PageState::isolated, PageState::released);
    CHECK(buddy.released_pages() == 4096);
    CHECK(buddy.isolate(0).page == no_page);
    host.check_sums();
    CHECK(buddy.allocate(12) == 0);  // all of it joined again
}

namespace {
int told = 0;
void tell() { ++told; }
}  // namespace

TEST_CASE("buddy: watchers are told once, and not before their mark") {
    HostZone host(1024);
    BuddyAllocator& buddy = host.zone.pages;
    buddy.add(0, 1024);
    told = 0;
    SECTION("free memory is short") {
        buddy.watch_shortage(1000, tell);
        const PageIndex page = buddy.allocate(4);
        CHECK(told == 0);  // 1008 are left
        CHECK(buddy.allocate_run(9) != no_page);
        CHECK(told == 1);
        CHECK(buddy.allocate(4) != no_page);
        CHECK(told == 1);
        buddy.watch_shortage(1000, nullptr);
        CHECK(buddy.allocate(4) != no_page);
        buddy.free(page, 4);
        CHECK(told == 1);
    }
    SECTION("memory was freed") {
        const PageIndex first = buddy.allocate(4), second = buddy.allocate(4), third = buddy.allocate(4);
        buddy.watch_surplus(1000, tell);
        buddy.free(first, 4);
        CHECK(told == 0);  // 992
        buddy.free(second, 4);
        CHECK(told == 1);
        buddy.free(third, 4);
        CHECK(told == 1);
    }
    SECTION("a large block came to be") {
        buddy.watch_blocks(5, tell);
        const PageIndex block = buddy.allocate(5), half = buddy.allocate(4), other = buddy.allocate(4);
        buddy.free(half, 4);
        CHECK(told == 0);
        buddy.free(block, 5, PageState::allocated, PageState::released);  // the host holds nothing for it
        CHECK(told == 0);
        buddy.free(other, 4);  // joins the half
        CHECK(told == 1);
    }
}
