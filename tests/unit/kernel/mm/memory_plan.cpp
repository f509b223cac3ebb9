// SPDX-License-Identifier: Apache-2.0
// The use of RAM on machines of every shape.
#include "kernel/mm/memory_plan.h"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

using namespace tenon;

namespace {

constexpr std::uint64_t mebibyte = 1 << 20, gibibyte = 1 << 30;
using Pieces = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

Pieces free_pieces(const abi::MemoryRange& range, const std::vector<abi::MemoryRange>& taken) {
    Pieces pieces;
    for_each_free_piece(range, taken, [&](std::uint64_t begin, std::uint64_t end) {
        pieces.emplace_back(begin, end);
        return false;
    });
    return pieces;
}

bool overlap(const abi::MemoryRange& one, const abi::MemoryRange& other) {
    return one.base < other.base + other.size && other.base < one.base + one.size;
}

bool inside(const abi::MemoryRange& inner, const std::vector<abi::MemoryRange>& ranges) {
    for (const abi::MemoryRange& range : ranges)
        if (inner.base >= range.base && inner.base + inner.size <= range.base + range.size) return true;
    return false;
}

}  // namespace

TEST_CASE("memory plan: what is free between what is taken") {
    const abi::MemoryRange range{0x1000, 0x9000};
    CHECK(free_pieces(range, {}) == Pieces{{0x1000, 0xA000}});
    CHECK(free_pieces(range, {{0, 0x100000}}).empty());
    CHECK(free_pieces(range, {{0x4000, 0x1000}}) == Pieces{{0x1000, 0x4000}, {0x5000, 0xA000}});
    CHECK(free_pieces(range, {{0x8000, 0x8000}, {0x4000, 0x1000}}) == Pieces{{0x1000, 0x4000}, {0x5000, 0x8000}});
    CHECK(free_pieces(range, {{0x4000, 0x3000}, {0x4000, 0x1000}, {0x5000, 0x1800}}) ==
          Pieces{{0x1000, 0x4000}, {0x7000, 0xA000}});
    // A range that touches a page takes all of it.
    CHECK(free_pieces(range, {{0x4800, 0x10}, {0x6FFF, 2}}) ==
          Pieces{{0x1000, 0x4000}, {0x5000, 0x6000}, {0x8000, 0xA000}});
    CHECK(free_pieces(range, {{0xB000, 0x1000}, {0x2000, 0}}) == Pieces{{0x1000, 0xA000}});
    CHECK(free_pieces({0x1800, 0x1000}, {}).empty());
}

TEST_CASE("memory plan: nothing overlaps, whatever the machine") {
    struct Machine {
        std::vector<abi::MemoryRange> ram, reserved;
        abi::MemoryRange dma;
    };
    const std::vector<Machine> machines = {
        // hv: RAM in one piece, the I/O zone at its end
        {{{0x1000, 8 * mebibyte - 0x1000}},
         {{2 * mebibyte, 900 * 1024}, {5 * mebibyte, 32768}},
         {6 * mebibyte, 2 * mebibyte - 0x1000}},
        {{{0x1000, 64 * mebibyte - 0x1000}},
         {{2 * mebibyte, 300 * 1024}},
         {56 * mebibyte + 0x5000, 8 * mebibyte - 0x5000}},
        // hv: 64 GiB around the hole
        {{{0x1000, abi::hole_begin - 0x1000}, {abi::hole_end, 61 * gibibyte}},
         {{2 * mebibyte, 3 * mebibyte}},
         {64 * mebibyte, 32 * mebibyte}},
        // QEMU microvm: real-mode holes, I/O memory to be carved
        {{{0, 0x9FC00}, {mebibyte, 255 * mebibyte}}, {{2 * mebibyte, mebibyte}, {0x1000, 0x2000}}, {}},
        {{{0, 0x9FC00}, {mebibyte, 15 * mebibyte}}, {{2 * mebibyte, mebibyte}}, {}},
    };
    for (const Machine& machine : machines) {
        const MemoryPlan plan = plan_memory({machine.ram, machine.reserved, machine.dma, true});
        REQUIRE(plan.error == nullptr);
        CHECK(inside(plan.dma, machine.ram));
        CHECK(inside(plan.metadata, machine.ram));
        CHECK_FALSE(overlap(plan.dma, plan.metadata));
        for (const abi::MemoryRange& reserved : machine.reserved) {
            CHECK_FALSE(overlap(plan.metadata, reserved));
            CHECK_FALSE(overlap(plan.dma, reserved));
        }
        if (machine.dma.size != 0) CHECK(plan.dma.base == machine.dma.base);
        CHECK(plan.metadata.base % page_size == 0);
        CHECK(plan.metadata.base != 0);
        CHECK(plan.dma_base <= plan.dma.base);
        CHECK(plan.dma_base % (2 * mebibyte) == 0);
        CHECK(plan.metadata.size >= PageRecords::bytes(plan.ram_page_count) + PageRecords::bytes(plan.dma_page_count));
        // Page 0 belongs to no zone.
        for (const abi::MemoryRange& range : machine.ram)
            for_each_free_piece(range, {plan.taken.data(), plan.taken_count}, [](std::uint64_t begin, std::uint64_t) {
                CHECK(begin != 0);
                return false;
            });
    }
}

TEST_CASE("memory plan: a machine that is too small is told so") {
    const std::vector<abi::MemoryRange> tiny = {{0x1000, 0x8000}};
    CHECK(plan_memory({tiny, {}, {}, true}).error != nullptr);
    const std::vector<abi::MemoryRange> ram = {{0x1000, mebibyte}};
    const std::vector<abi::MemoryRange> all_taken = {{0, 2 * mebibyte}};
    CHECK(plan_memory({ram, all_taken, {0x1000, 0x10000}, true}).error != nullptr);
    const std::vector<abi::MemoryRange> many(20, {0x1000, 0x1000});
    CHECK(plan_memory({ram, many, {}, true}).error != nullptr);
}
