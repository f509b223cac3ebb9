// SPDX-License-Identifier: Apache-2.0
// The layout of memory, and the stub's list of mappings.
#include "hv/guest/memory_layout.h"

#include <sys/mman.h>

#include <catch2/catch.hpp>

#include "hv/accel/pv/guest_map.h"
#include "tests/unit/hv/elf_builder.h"

namespace {

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;
using tenon::abi::guest_base;

hv::ImageLayout image() {
    hv::test::ElfBuilder elf;
    return *hv::parse_image(elf.build(), "x", hv::supported_features);
}

}  // namespace

TEST_CASE("memory: sizes are rounded up to pages") {
    using tenon::abi::round_up_to_page;
    CHECK(round_up_to_page(0) == 0);
    CHECK(round_up_to_page(1) == 4096);
    CHECK(round_up_to_page(4096) == 4096);
    CHECK(round_up_to_page(4097) == 8192);
}

TEST_CASE("memory: small machines have one range, and the I/O zone at its end") {
    const auto layout = hv::plan_memory(64 * mib, image(), "x");
    REQUIRE(layout);
    CHECK(layout->range_count == 1);
    CHECK(layout->ranges[0].base == 4096);
    CHECK(layout->end() == 64 * mib);
    CHECK(layout->io_zone.base == 60 * mib);
    CHECK(layout->io_zone.size == 4 * mib);
    CHECK(hv::plan_memory(64 * mib, image(), "x", 5 * mib + 1)->io_zone.size == 5 * mib + 4096);
}

TEST_CASE("memory: the I/O zone grows with the machine, between its bounds, in whole pages") {
    struct Case {
        std::uint64_t memory, zone;
    };
    for (const auto& [memory, zone] :
         {Case{8 * mib, 2 * mib}, Case{16 * mib, 2 * mib}, Case{32 * mib, 2 * mib},
          Case{32 * mib + 4096, 2 * mib + 4096}, Case{33 * mib + 5000, 2 * mib + 17 * 4096}, Case{128 * mib, 8 * mib},
          Case{256 * mib, 16 * mib}, Case{256 * mib - 4096, 16 * mib}, Case{gib, 16 * mib},
          Case{hv::maximum_memory, 16 * mib}}) {
        const auto layout = hv::plan_memory(memory, image(), "x");
        REQUIRE(layout);
        CAPTURE(memory);
        CHECK(layout->io_zone.size == zone);
        CHECK(layout->io_zone.base % 4096 == 0);
        const auto& low = layout->ranges[0];
        CHECK(layout->io_zone.base + layout->io_zone.size == low.base + low.size);
    }
    // What the caller wants has only the bound of what hv's own pages take.
    CHECK(hv::plan_memory(gib, image(), "x", 1)->io_zone.size == tenon::abi::io_zone::buffers + 64 * 4096);
    CHECK(hv::plan_memory(gib, image(), "x", 100 * mib)->io_zone.size == 100 * mib);
}

TEST_CASE("memory: RAM goes on above the hole") {
    const auto layout = hv::plan_memory(5 * gib, image(), "x");
    REQUIRE(layout);
    REQUIRE(layout->range_count == 2);
    CHECK(layout->ranges[0].base + layout->ranges[0].size == 3 * gib);
    CHECK(layout->ranges[1].base == 4 * gib);
    CHECK(layout->ranges[1].size == 2 * gib);
    CHECK(layout->io_zone.base + layout->io_zone.size == 3 * gib);
    CHECK(hv::plan_memory(3 * gib, image(), "x")->range_count == 1);
    CHECK(hv::plan_memory(3 * gib + 4096, image(), "x")->range_count == 2);
}

TEST_CASE("memory: too little and too much are refused") {
    for (const std::uint64_t size : {0ULL, 4096ULL, 2ULL << 20, 1ULL << 41, ~0ULL}) {
        const auto layout = hv::plan_memory(size, image(), "x");
        REQUIRE_FALSE(layout);
        CHECK(layout.error().kind == hv::ErrorKind::no_memory);
    }
    CHECK_FALSE(hv::plan_memory(64 * mib, image(), "x", 64 * mib));
    CHECK_FALSE(hv::plan_memory(64 * mib, image(), "x", gib));
    CHECK(hv::plan_memory(8 * mib, image(), "x"));
}

TEST_CASE("guest map: everything lies in the guest, and nothing is writable and executable") {
    const auto memory = hv::plan_memory(5 * gib, image(), "x");
    const auto setup = hv::pv::map_guest(image(), "x", *memory, 1, 6);
    REQUIRE(setup);
    CHECK(setup->guest_begin == guest_base + 4096);
    CHECK(setup->guest_end == guest_base + 6 * gib);
    CHECK(setup->start_info == guest_base + memory->io_zone.base);
    for (std::uint32_t i = 0; i < setup->mapping_count; ++i) {
        const auto& mapping = setup->mappings[i];
        CHECK(mapping.address >= setup->guest_begin);
        CHECK(mapping.address + mapping.size <= setup->guest_end);
        CHECK(mapping.address % 4096 == 0);
        CHECK(mapping.size % 4096 == 0);
        CHECK((mapping.protection & (PROT_WRITE | PROT_EXEC)) != (PROT_WRITE | PROT_EXEC));
        // Pages that only hv writes are mapped from the descriptor that is open for reading, the guest's from the other
        // one.
        if (mapping.source == hv::pv::StubSource::zone_read_only) {
            CHECK(mapping.protection == PROT_READ);
            CHECK(mapping.offset + mapping.size == tenon::abi::io_zone::read_only_size);
        }
        if (mapping.source == hv::pv::StubSource::zone_writable)
            CHECK(mapping.offset == tenon::abi::io_zone::read_only_size);
    }
}

TEST_CASE("guest map: the rest of a data segment's last page is cleared") {
    const auto memory = hv::plan_memory(64 * mib, image(), "x");
    const auto setup = hv::pv::map_guest(image(), "x", *memory, 1, 1);
    REQUIRE(setup);
    REQUIRE(setup->zero_count == 1);
    CHECK(setup->zeros[0].address == guest_base + 0x202000 + 100);
    CHECK(setup->zeros[0].size == 4096 - 100);
}

TEST_CASE("guest map: stacks have a guard page, and have to be there") {
    const auto memory = hv::plan_memory(64 * mib, image(), "x");
    const auto setup = hv::pv::map_guest(image(), "x", *memory, 1, 1);
    const auto& guard = setup->mappings[setup->mapping_count - 1];
    CHECK(guard.address == setup->stacks);
    CHECK(guard.protection == PROT_NONE);
    hv::ImageLayout small = image();
    small.note.stack_arena_size = 4096;
    CHECK_FALSE(hv::pv::map_guest(small, "x", *memory, 1, 1));
    CHECK_FALSE(hv::pv::map_guest(image(), "x", *memory, 33, 1));
    CHECK_FALSE(hv::pv::map_guest(image(), "x", *memory, 1, 1000));
}
