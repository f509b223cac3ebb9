// SPDX-License-Identifier: Apache-2.0
// Finding zero pages: the test of one page, a chunk of them, the budget.
#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "balloon/scan_budget.h"
#include "balloon/zero_chunk.h"
#include "tests/unit/kernel/mm/host_zone.h"

using namespace tenon;
using namespace tenon::balloon;
using tenon::test::HostZone;

namespace {

struct alignas(4096) Page {
    std::byte bytes[page_size] = {};
};

constexpr std::uint64_t all_state = ~std::uint64_t{0};

std::vector<PageRun> runs_of(std::uint64_t bits, PageIndex first) {
    std::vector<PageRun> runs;
    for_each_run(bits, first, [&](PageRun run) { runs.push_back(run); });
    return runs;
}

}  // namespace

TEST_CASE("zero test: a page of zeros is one, and a bit anywhere makes it none") {
    const ZeroTest best = choose_zero_test(all_state);
    for (const ZeroTest test : {is_zero_page_sse2, best}) {
        Page page;
        CHECK(test(page.bytes));
        for (std::size_t i = 0; i != page_size; ++i) {
            page.bytes[i] = std::byte(1 << (i % 8));
            if (test(page.bytes)) FAIL("byte " << i << " was not seen");
            page.bytes[i] = std::byte{0};
        }
        CHECK(test(page.bytes));
    }
}

TEST_CASE("zero test: without AVX state, vectors of 16 bytes are used") {
    CHECK(choose_zero_test(3) == is_zero_page_sse2);
    CHECK(choose_zero_test(0) == is_zero_page_sse2);
}

TEST_CASE("zero chunk: free pages, guard pages and pages that were left out are not looked at") {
    HostZone host(256);
    host.zone.pages.add(0, 256);
    CHECK(find_zero_pages(host.zone, 0, is_zero_page_sse2, 0).looked_at == 0);
    const PageIndex guarded = host.zone.pages.allocate(2, PageState::guarded);
    REQUIRE(guarded < 64);
    CHECK(find_zero_pages(host.zone, 0, is_zero_page_sse2, 0).looked_at == bits_of(guarded + 1, guarded + 4, 0));
    const std::uint64_t left_out = bits_of(guarded + 2, guarded + 3, 0);
    CHECK(find_zero_pages(host.zone, 0, is_zero_page_sse2, left_out).looked_at ==
          (bits_of(guarded + 1, guarded + 4, 0) & ~left_out));
}

TEST_CASE("zero chunk: only pages that are filled with zeros count as zero") {
    HostZone host(128);
    host.zone.pages.add(0, 128);
    auto* memory = static_cast<std::byte*>(host.zone.heap.allocate(100 * page_size, 16));
    REQUIRE(memory == host.zone.address_of(0));
    memory[5 * page_size + 4095] = std::byte{1};
    memory[64 * page_size] = std::byte{1};
    const ZeroChunk low = find_zero_pages(host.zone, 0, choose_zero_test(all_state), 0);
    CHECK(low.looked_at == ~std::uint64_t{0});
    CHECK(low.zero == ~bits_of(5, 6, 0));
    const ZeroChunk high = find_zero_pages(host.zone, 64, choose_zero_test(all_state), 0);
    CHECK(high.looked_at == bits_of(64, 100, 64));
    CHECK(high.zero == bits_of(65, 100, 64));
}

TEST_CASE("zero chunk: a chunk that reaches beyond the zone ends with the zone") {
    HostZone host(70);
    host.zone.pages.add(0, 70);
    for (int page = 0; page != 70; ++page) REQUIRE(host.zone.pages.allocate(0) != no_page);
    CHECK(find_zero_pages(host.zone, 64, is_zero_page_sse2, 0).looked_at == bits_of(64, 70, 64));
    CHECK(find_zero_pages(host.zone, 128, is_zero_page_sse2, 0).looked_at == 0);
}

TEST_CASE("bits of a chunk: ranges are cut to it") {
    CHECK(bits_of(0, 64, 64) == 0);
    CHECK(bits_of(128, 130, 64) == 0);
    CHECK(bits_of(0, 1000, 64) == ~std::uint64_t{0});
    CHECK(bits_of(60, 66, 64) == 3);
    CHECK(bits_of(127, 200, 64) == std::uint64_t{1} << 63);
}

TEST_CASE("runs of bits: each once, in order, whatever their place") {
    CHECK(runs_of(0, 0).empty());
    const auto whole = runs_of(~std::uint64_t{0}, 640);
    REQUIRE(whole.size() == 1);
    CHECK((whole[0].first == 640 && whole[0].count == 64));
    CHECK(runs_of(0x5555'5555'5555'5555, 0).size() == 32);
    for (const std::uint64_t bits : {0x8000'0000'0000'0001ULL, 0xF0F0'0000'0000'000FULL, 0x7FFF'FFFF'FFFF'FFFEULL}) {
        std::uint64_t again = 0;
        for (const PageRun run : runs_of(bits, 64)) again |= bits_of(run.first, run.first + run.count, 64);
        CHECK(again == bits);
    }
}

TEST_CASE("scan budget: pages and time each end it, and a new second brings a new one") {
    ScanBudget budget({.pages_per_second = 100, .cpu_permille = 10});
    CHECK(budget.available(5));
    budget.spend(64, 1000);
    CHECK(budget.available(6));
    budget.spend(64, 1000);
    CHECK_FALSE(budget.available(7));
    CHECK(budget.next() == 1'000'000'005);
    CHECK_FALSE(budget.available(1'000'000'004));
    CHECK(budget.available(1'000'000'005));
    budget.spend(1, 10'000'000);
    CHECK_FALSE(budget.available(1'000'000'006));
}

TEST_CASE("scan budget: what was not used is not saved") {
    ScanBudget budget({.pages_per_second = 10, .cpu_permille = 1000});
    CHECK(budget.available(1));
    CHECK(budget.available(60'000'000'000));
    budget.spend(10, 0);
    CHECK_FALSE(budget.available(60'500'000'000));
}

TEST_CASE("scan budget: nothing is nothing") {
    ScanBudget none({.pages_per_second = 0, .cpu_permille = 10});
    CHECK_FALSE(none.available(1));
    ScanBudget no_time({.pages_per_second = 10, .cpu_permille = 0});
    CHECK_FALSE(no_time.available(1));
}
