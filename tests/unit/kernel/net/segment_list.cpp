// SPDX-License-Identifier: Apache-2.0
// The pool of lists of segments.
#include "kernel/net/segment_list.h"

#include <catch2/catch.hpp>
#include <memory>
#include <set>

using namespace tenon::net;

namespace {
using Pool = SegmentListPool<int, 4>;
}

TEST_CASE("segment lists: each is given out once, and the pool is empty after its last") {
    const auto pool = std::make_unique<Pool>();
    std::set<Pool::List*> out;
    for (int i = 0; i < 4; ++i) {
        REQUIRE_FALSE(pool->empty());
        Pool::List* list = pool->take();
        REQUIRE(list != nullptr);
        CHECK(list->count == 0);
        CHECK(out.insert(list).second);
    }
    CHECK(pool->empty());
    CHECK(pool->take() == nullptr);
}

TEST_CASE("segment lists: those that come back are empty, and given out again, the last one first") {
    const auto pool = std::make_unique<Pool>();
    Pool::List* first = pool->take();
    Pool::List* second = pool->take();
    first->count = SegmentList<int>::capacity;
    pool->give_back(*second);
    pool->give_back(*first);
    CHECK(pool->take() == first);
    CHECK(first->count == 0);
    CHECK(pool->take() == second);
    CHECK_FALSE(pool->empty());
    for (int round = 0; round < 100; ++round) {
        Pool::List* list = pool->take();
        REQUIRE(list != nullptr);
        pool->give_back(*list);
    }
}
