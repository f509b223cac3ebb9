// SPDX-License-Identifier: Apache-2.0
// RAM that may be given back, and sets of pages.
#include "hv/core/guest_pages.h"

#include <array>
#include <catch2/catch.hpp>

#include "hv/devices/page_set.h"

using hv::GuestPages;
using Range = GuestPages::Range;

namespace {

constexpr std::uint64_t page = 4096;

std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_of(const GuestPages& pages) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> list;
    for (const Range& range : pages.ranges()) list.emplace_back(range.base / page, range.size / page);
    return list;
}

}  // namespace

TEST_CASE("guest pages: what is kept is cut out") {
    const std::array ram{Range{1 * page, 99 * page}, Range{200 * page, 50 * page}};
    using List = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
    CHECK(ranges_of(GuestPages(ram, {})) == List{{1, 99}, {200, 50}});
    CHECK(ranges_of(GuestPages(ram, std::array{Range{10 * page, 5 * page}, Range{90 * page, 10 * page}})) ==
          List{{1, 9}, {15, 75}, {200, 50}});
    CHECK(ranges_of(GuestPages(ram, std::array{Range{0, 10 * page}})) == List{{10, 90}, {200, 50}});
    CHECK(ranges_of(GuestPages(ram, std::array{Range{50 * page, 200 * page}})) == List{{1, 49}});
    CHECK(ranges_of(GuestPages(ram, std::array{Range{0, 1000 * page}})).empty());
    CHECK(ranges_of(GuestPages(ram, std::array{Range{50 * page, 0}})) == List{{1, 99}, {200, 50}});
    CHECK(GuestPages(ram, {}).end() == 250 * page);
    CHECK(GuestPages({}, {}).end() == 0);
    CHECK_FALSE(GuestPages({}, {}).contains({0, page}));
}

TEST_CASE("guest pages: whole pages of one range") {
    const std::array ram{Range{page, 9 * page}, Range{20 * page, 10 * page}};
    const GuestPages pages(ram, {});
    CHECK(pages.contains({page, 9 * page}));
    CHECK(pages.contains({9 * page, page}));
    CHECK(pages.contains({29 * page, page}));
    for (const Range wrong :
         {Range{0, page}, Range{page, 10 * page}, Range{10 * page, page}, Range{page, 0}, Range{page, 1},
          Range{page + 1, page}, Range{9 * page, 12 * page}, Range{30 * page, page}, Range{29 * page, ~0ULL - page + 1},
          Range{~0ULL - page + 1, page}, Range{20 * page, ~0ULL}})
        CHECK_FALSE(pages.contains(wrong));
}

TEST_CASE("guest pages: a range is given back where there is a way to") {
    const std::array ram{Range{page, 9 * page}};
    GuestPages(ram, {}).discard({page, page});
    std::vector<std::uint64_t> bases;
    GuestPages(ram, {}, [&bases](const Range& range) { bases.push_back(range.base); }).discard({2 * page, page});
    CHECK(bases == std::vector<std::uint64_t>{2 * page});
}

TEST_CASE("page set: each page once") {
    hv::PageSet set;
    CHECK_FALSE(set.insert(0));  // no room yet
    CHECK_FALSE(set.erase(0));
    set.make_room(130);
    for (const std::uint64_t frame : {0ULL, 63ULL, 64ULL, 129ULL}) {
        CHECK(set.insert(frame));
        CHECK_FALSE(set.insert(frame));
    }
    CHECK(set.count() == 4);
    CHECK_FALSE(set.insert(130));
    CHECK_FALSE(set.insert(~0ULL));
    CHECK_FALSE(set.erase(1));
    CHECK_FALSE(set.erase(~0ULL));
    CHECK(set.erase(64));
    CHECK_FALSE(set.erase(64));
    CHECK(set.count() == 3);
    set.clear();
    CHECK(set.count() == 0);
    CHECK_FALSE(set.insert(0));
}
