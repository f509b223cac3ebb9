// SPDX-License-Identifier: Apache-2.0
// Choosing a vCPU for a thread, and a vCPU to take a thread from.
#include "kernel/sched/placement.h"

#include <catch2/catch.hpp>
#include <vector>

namespace {

using tenon::every_vcpu;
using tenon::Load;
using tenon::Priority;
using tenon::VcpuSet;

constexpr Priority idle = Priority::idle, low = Priority::low, normal = Priority::normal, network = Priority::network,
                   tools = Priority::tools;

struct Machine {
    std::vector<Load> vcpus;
    [[nodiscard]] VcpuSet all() const { return every_vcpu >> (32 - vcpus.size()); }
    [[nodiscard]] auto load() const {
        return [this](std::uint32_t vcpu) { return vcpus.at(vcpu); };
    }
    [[nodiscard]] std::uint32_t place(Priority priority, std::uint32_t last, VcpuSet allowed) const {
        return tenon::place(priority, last, allowed & all(), load());
    }
    [[nodiscard]] int urgent(Priority floor, VcpuSet others) const {
        return tenon::most_urgent_elsewhere(floor, others & all(), load());
    }
};

TEST_CASE("a thread goes where it ran last if that is idle", "[sched]") {
    const Machine machine{{{idle, idle}, {idle, idle}, {idle, idle}}};
    for (std::uint32_t last : {0U, 1U, 2U}) CHECK(machine.place(normal, last, every_vcpu) == last);
}

TEST_CASE("a thread goes to an idle vCPU rather than wait or preempt", "[sched]") {
    const Machine machine{{{normal, idle}, {normal, idle}, {idle, idle}}};
    CHECK(machine.place(normal, 0, every_vcpu) == 2);
    CHECK(machine.place(tools, 1, every_vcpu) == 2);
}

TEST_CASE("a vCPU that has been given a thread and has not run it yet is not idle", "[sched]") {
    const Machine machine{{{normal, idle}, {idle, normal}}};
    CHECK(machine.place(normal, 0, every_vcpu) == 0);
    const Machine third{{{normal, idle}, {idle, normal}, {idle, idle}}};
    CHECK(third.place(normal, 1, every_vcpu) == 2);
}

TEST_CASE("an urgent thread preempts where it ran last, or else the least urgent thread", "[sched]") {
    const Machine machine{{{normal, idle}, {low, idle}, {tools, idle}}};
    CHECK(machine.place(tools, 0, every_vcpu) == 0);
    CHECK(machine.place(tools, 2, every_vcpu) == 1);
    CHECK(machine.place(network, 2, every_vcpu) == 1);
}

TEST_CASE("a thread that no vCPU would run now takes turns where it ran last, or else with other equals", "[sched]") {
    const Machine machine{{{normal, idle}, {normal, low}, {network, tools}}};
    CHECK(machine.place(normal, 0, every_vcpu) == 0);
    CHECK(machine.place(normal, 1, every_vcpu) == 1);
    CHECK(machine.place(normal, 2, every_vcpu) == 0);
    CHECK(machine.place(network, 2, every_vcpu) == 0);
}

TEST_CASE("a thread that has more urgent ones before it everywhere waits where it ran last", "[sched]") {
    const Machine machine{{{normal, idle}, {tools, idle}, {network, tools}}};
    for (std::uint32_t last : {0U, 1U, 2U}) CHECK(machine.place(low, last, every_vcpu) == last);
}

TEST_CASE("an urgent thread that waits counts: another one does not queue behind it while a vCPU could run it",
          "[sched]") {
    const Machine machine{{{normal, tools}, {normal, idle}}};
    CHECK(machine.place(tools, 0, every_vcpu) == 1);
    CHECK(machine.place(network, 0, every_vcpu) == 1);
}

TEST_CASE("a thread goes only where it may", "[sched]") {
    const Machine machine{{{idle, idle}, {tools, tools}, {idle, idle}}};
    CHECK(machine.place(low, 1, 1U << 1) == 1);
    CHECK(machine.place(low, 0, 1U << 1) == 1);
    CHECK(machine.place(low, 0, 1U << 1 | 1U << 2) == 2);
    const Machine busy{{{normal, idle}, {normal, idle}, {normal, idle}}};
    CHECK(busy.place(normal, 0, 1U << 2) == 2);
}

TEST_CASE("the most urgent waiting thread of other vCPUs is found, if it is urgent enough", "[sched]") {
    const Machine machine{{{tools, normal}, {tools, network}, {normal, idle}, {tools, network}}};
    CHECK(machine.urgent(idle, every_vcpu) == 1);
    CHECK(machine.urgent(normal, every_vcpu) == 1);
    CHECK(machine.urgent(network, every_vcpu) == -1);
    CHECK(machine.urgent(idle, 1U << 0 | 1U << 2) == 0);
    CHECK(machine.urgent(idle, 1U << 2) == -1);
    CHECK(machine.urgent(idle, 0) == -1);
}

TEST_CASE("a machine may have 32 vCPUs", "[sched]") {
    Machine machine{std::vector<Load>(32, Load{normal, idle})};
    CHECK(machine.place(normal, 5, every_vcpu) == 5);
    machine.vcpus[31] = {idle, idle};
    CHECK(machine.place(normal, 5, every_vcpu) == 31);
    machine.vcpus[31] = {idle, low};
    CHECK(machine.urgent(idle, every_vcpu) == 31);
}

/// Whatever the loads are: no thread waits while a vCPU that it may use is idle or runs a less urgent one.
TEST_CASE("every placement of every priority on three vCPUs is as good as can be", "[sched]") {
    const Priority levels[] = {idle, low, normal, tools};
    Machine machine{std::vector<Load>(3, Load{idle, idle})};
    for (unsigned loads = 0; loads < 4096; ++loads) {
        for (unsigned vcpu = 0; vcpu < 3; ++vcpu)
            machine.vcpus[vcpu] = {levels[loads >> 4 * vcpu & 3], levels[loads >> (4 * vcpu + 2) & 3]};
        for (const Priority priority : {low, normal, tools})
            for (VcpuSet allowed = 1; allowed < 8; ++allowed)
                for (std::uint32_t last = 0; last < 3; ++last) {
                    const std::uint32_t chosen = machine.place(priority, last, allowed);
                    REQUIRE((allowed >> chosen & 1) == 1);
                    if (machine.vcpus[chosen].most_urgent() < priority) continue;
                    for (std::uint32_t vcpu = 0; vcpu < 3; ++vcpu)
                        if ((allowed >> vcpu & 1) == 1) REQUIRE(machine.vcpus[vcpu].most_urgent() >= priority);
                }
    }
}

}  // namespace
