// SPDX-License-Identifier: Apache-2.0
// Runnable threads by priority.
#include "kernel/sched/priority_queue.h"

#include <catch2/catch.hpp>

#include "tests/unit/kernel/sched/fake_thread.h"

namespace {

using tenon::Priority;
using tenon::PriorityQueue;
using tenon::test::FakeThread;

TEST_CASE("a queue of runnable threads gives the most urgent one, and equals in order of arrival", "[sched]") {
    PriorityQueue<FakeThread> queue;
    FakeThread low(Priority::low), first(Priority::normal), second(Priority::normal), tools(Priority::tools);
    for (FakeThread* thread : {&low, &first, &tools, &second}) queue.push_back(*thread);
    CHECK(queue.pop() == &tools);
    CHECK(queue.pop() == &first);
    CHECK(queue.pop() == &second);
    CHECK(queue.pop() == &low);
    CHECK(queue.pop() == nullptr);
}

TEST_CASE("a thread that keeps its turn is the first of its priority only", "[sched]") {
    PriorityQueue<FakeThread> queue;
    FakeThread waiting(Priority::normal), urgent(Priority::network), preempted(Priority::normal);
    queue.push_back(waiting);
    queue.push_back(urgent);
    queue.push_front(preempted);
    CHECK(queue.pop() == &urgent);
    CHECK(queue.pop() == &preempted);
    CHECK(queue.pop() == &waiting);
}

TEST_CASE("a queue knows its most urgent priority", "[sched]") {
    PriorityQueue<FakeThread> queue;
    CHECK(queue.empty());
    CHECK(queue.top() == Priority::idle);
    CHECK_FALSE(queue.has_above(Priority::idle));
    FakeThread highest(Priority::highest), low(Priority::low);
    queue.push_back(low);
    CHECK(queue.top() == Priority::low);
    CHECK(queue.has(Priority::low));
    CHECK_FALSE(queue.has(Priority::normal));
    CHECK(queue.has_above(Priority::idle));
    CHECK_FALSE(queue.has_above(Priority::low));
    queue.push_back(highest);
    CHECK(queue.top() == Priority::highest);
    CHECK(queue.has_above(Priority::tools));
    CHECK_FALSE(queue.has_above(Priority::highest));
    queue.remove(highest);
    CHECK(queue.top() == Priority::low);
    queue.remove(low);
    CHECK(queue.empty());
}

TEST_CASE("another vCPU takes the most urgent thread that may run on it", "[sched]") {
    PriorityQueue<FakeThread> queue;
    constexpr tenon::VcpuSet only_first = 1U << 0, only_last = 1U << 31;
    FakeThread bound_urgent(Priority::tools, only_first), bound(Priority::normal, only_first), free(Priority::normal),
        last(Priority::low, only_last);
    for (FakeThread* thread : {&bound_urgent, &bound, &free, &last}) queue.push_back(*thread);
    CHECK(queue.take_for(1, Priority::idle) == &free);
    CHECK(queue.take_for(1, Priority::idle) == nullptr);
    CHECK(queue.take_for(31, Priority::idle) == &last);
    CHECK(queue.take_for(0, Priority::tools) == nullptr);
    CHECK(queue.take_for(0, Priority::network) == &bound_urgent);
    CHECK(queue.take_for(0, Priority::idle) == &bound);
    CHECK(queue.empty());
}

}  // namespace
