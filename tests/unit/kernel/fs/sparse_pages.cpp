// SPDX-License-Identifier: Apache-2.0
#include "kernel/fs/tmpfs/sparse_pages.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "host_pages.h"

using namespace tenon;
using tmpfs::Budget;
using tmpfs::SparsePages;

TEST_CASE("Pages of a file are found where they were made, and nowhere else", "[tmpfs]") {
    Budget budget(1000);
    SparsePages pages(budget);
    for (const std::uint64_t index : {0UL, 1UL, 63UL, 64UL, 4095UL, 4096UL, 1UL << 40, (1UL << 51) - 1}) {
        CHECK(pages.find(index) == nullptr);
        const auto page = pages.obtain(index);
        REQUIRE(page);
        CHECK((*page)[0] == std::byte{0});
        CHECK((*page)[4095] == std::byte{0});
        CHECK(pages.find(index) == *page);
        CHECK(*pages.obtain(index) == *page);
        CHECK(pages.find(index + 1) == nullptr);
    }
    CHECK(pages.count() == 8);
    CHECK(budget.used() == 8);
    CHECK(test::pages_in_use() == 8);
    pages.cut(64);
    CHECK(pages.count() == 3);
    CHECK(test::pages_in_use() == 3);
    CHECK(pages.find(63) != nullptr);
    CHECK(pages.find(64) == nullptr);
    pages.cut(0);
    CHECK(test::pages_in_use() == 0);
    CHECK(budget.used() == 0);
}

TEST_CASE("Data and holes of a file are found", "[tmpfs]") {
    Budget budget(1000);
    SparsePages pages(budget);
    CHECK(pages.next_page(0) == SparsePages::none);
    CHECK(pages.next_hole(0) == 0);
    for (const std::uint64_t index : {2UL, 3UL, 100UL, 1UL << 30}) REQUIRE(pages.obtain(index));
    CHECK(pages.next_page(0) == 2);
    CHECK(pages.next_hole(2) == 4);
    CHECK(pages.next_page(4) == 100);
    CHECK(pages.next_page(101) == 1UL << 30);
    CHECK(pages.next_page((1UL << 30) + 1) == SparsePages::none);
}

TEST_CASE("A file's pages end with the budget, and with the memory", "[tmpfs]") {
    Budget budget(2);
    SparsePages pages(budget), others(budget);
    REQUIRE(pages.obtain(0));
    REQUIRE(others.obtain(7));
    const auto refused = pages.obtain(1);
    REQUIRE(!refused);
    CHECK(refused.error().code == ENOSPC);
    others.cut(0);
    test::pages_left() = 0;
    const auto none = pages.obtain(1);
    test::pages_left() = 1 << 30;
    REQUIRE(!none);
    CHECK(none.error().code == ENOMEM);
    CHECK(budget.used() == 1);
    CHECK(pages.obtain(1));
}

TEST_CASE("A file's pages agree with a model", "[tmpfs]") {
    std::mt19937_64 random(1);
    Budget budget(100'000);
    SparsePages pages(budget);
    std::map<std::uint64_t, std::byte*> model;
    for (int step = 0; step != 20'000; ++step) {
        const std::uint64_t index = random() >> (14 + random() % 50);
        if (random() % 100 == 0) {
            pages.cut(index);
            model.erase(model.lower_bound(index), model.end());
        } else {
            const auto page = pages.obtain(index);
            REQUIRE(page);
            model[index] = *page;
        }
        const std::uint64_t looked = random() >> (14 + random() % 50);
        const auto next = model.lower_bound(looked);
        REQUIRE(pages.next_page(looked) == (next == model.end() ? SparsePages::none : next->first));
        REQUIRE(pages.count() == model.size());
    }
    for (const auto& [index, page] : model) REQUIRE(pages.find(index) == page);
}
