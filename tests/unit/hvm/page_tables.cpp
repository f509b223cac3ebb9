// SPDX-License-Identifier: Apache-2.0
// Page tables, built in a buffer.
#include "kernel/arch/x86_64/page_tables.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <memory>

using tenon::PageAccess;
using tenon::PageTables;

namespace {

constexpr std::uint64_t present = 1, writable = 2, uncached = 0x18, large = 0x80, no_execute = 1ULL << 63;
constexpr std::uint64_t address_mask = 0x000F'FFFF'FFFF'F000;
constexpr std::uint64_t mebibyte = 1 << 20;

/// Tables at guest-physical `place`, in a buffer full of rubbish.
struct Tables {
    static constexpr std::uint64_t place = 0x40'0000;
    explicit Tables(std::size_t pages)
        : memory(static_cast<unsigned char*>(std::aligned_alloc(4096, pages * 4096)), std::free),
          tables((std::fill_n(memory.get(), pages * 4096, static_cast<unsigned char>(0xA5)),
                  tenon::abi::MemoryRange{place, pages * 4096}),
                 reinterpret_cast<std::uintptr_t>(memory.get()) - place) {}
    std::unique_ptr<unsigned char, decltype(&std::free)> memory;
    PageTables tables;
};

}  // namespace

TEST_CASE("page tables: nothing is mapped at first") {
    Tables t(4);
    CHECK(static_cast<std::uint64_t>(t.tables.top(0)) == Tables::place);
    CHECK(t.tables.entry_of(0) == 0);
    CHECK(t.tables.entry_of(0x20'0000) == 0);
    CHECK(t.tables.entry_of(PageTables::physical_limit) == 0);
}

TEST_CASE("page tables: large pages where they fit, small ones where they must") {
    Tables t(8);
    REQUIRE(t.tables.map({0x1000, 8 * mebibyte - 0x1000}, PageAccess::read_write));
    CHECK(t.tables.entry_of(0) == 0);  // page 0 is not there
    CHECK(t.tables.entry_of(0x1000) == (0x1000 | present | writable | no_execute));
    CHECK(t.tables.entry_of(2 * mebibyte - 1) == ((2 * mebibyte - 0x1000) | present | writable | no_execute));
    CHECK(t.tables.entry_of(2 * mebibyte) == (2 * mebibyte | present | writable | no_execute | large));
    CHECK(t.tables.entry_of(8 * mebibyte) == 0);
}

TEST_CASE("page tables: an image's segments over RAM are never writable and executable") {
    Tables t(8);
    REQUIRE(t.tables.map({0x1000, 16 * mebibyte - 0x1000}, PageAccess::read_write));
    REQUIRE(t.tables.map({2 * mebibyte, 0x3000}, PageAccess::read_only));
    REQUIRE(t.tables.map({2 * mebibyte + 0x3000, 3 * mebibyte}, PageAccess::execute));
    CHECK(t.tables.entry_of(2 * mebibyte) == (2 * mebibyte | present | no_execute));
    CHECK(t.tables.entry_of(2 * mebibyte + 0x3000) == ((2 * mebibyte + 0x3000) | present));
    CHECK(t.tables.entry_of(5 * mebibyte + 0x2000) == ((5 * mebibyte + 0x2000) | present));
    CHECK(t.tables.entry_of(5 * mebibyte + 0x3000) == ((5 * mebibyte + 0x3000) | present | writable | no_execute));
    for (std::uint64_t address = 0x1000; address < 16 * mebibyte; address += 0x1000) {
        const std::uint64_t entry = t.tables.entry_of(address);
        REQUIRE((entry & present) != 0);
        REQUIRE(((entry & writable) == 0 || (entry & no_execute) != 0));
        const std::uint64_t offset = (entry & large) != 0 ? address % PageTables::large_page_size : 0;
        REQUIRE((entry & address_mask) + offset == address);
    }
}

TEST_CASE("page tables: RAM above 4 GiB, and device registers") {
    Tables t(8);
    constexpr std::uint64_t gibibyte = 1ULL << 30;
    REQUIRE(t.tables.map({4 * gibibyte, 2 * gibibyte}, PageAccess::read_write));
    REQUIRE(t.tables.map({0xFEE0'0000, 2 * mebibyte}, PageAccess::device));
    CHECK(t.tables.entry_of(6 * gibibyte - 1) ==
          ((6 * gibibyte - 2 * mebibyte) | present | writable | no_execute | large));
    CHECK(t.tables.entry_of(0xFEE0'0000) == (0xFEE0'0000ULL | present | writable | no_execute | uncached | large));
    CHECK(t.tables.entry_of(6 * gibibyte) == 0);
}

TEST_CASE("page tables: device registers far above RAM have tops of their own") {
    Tables t(8);
    for (const std::uint64_t place : {PageTables::top_size, PageTables::physical_limit - 2 * mebibyte}) {
        CHECK(static_cast<std::uint64_t>(t.tables.top(place / PageTables::top_size)) == 0);
        CHECK(t.tables.entry_of(place) == 0);
        REQUIRE(t.tables.map({place, 2 * mebibyte}, PageAccess::device));
        CHECK(static_cast<std::uint64_t>(t.tables.top(place / PageTables::top_size)) != 0);
        CHECK(t.tables.entry_of(place) == (place | present | writable | no_execute | uncached | large));
        CHECK(t.tables.entry_of(place - 1) == 0);
    }
    CHECK(t.tables.entry_of(0) == 0);
    // The first top, and two tables for each of the others.
    REQUIRE(t.tables.map({2 * PageTables::top_size, 2 * mebibyte}, PageAccess::device));
    CHECK_FALSE(t.tables.map({3 * PageTables::top_size, 2 * mebibyte}, PageAccess::device));
}

TEST_CASE("page tables: a guard page is the only one that goes, and comes back as it was") {
    Tables t(8);
    REQUIRE(t.tables.map({4 * mebibyte, 4 * mebibyte}, PageAccess::read_write));
    const std::uint64_t guard = 4 * mebibyte + 0x5000;
    REQUIRE(t.tables.set_present(guard, false));
    CHECK((t.tables.entry_of(guard) & present) == 0);
    CHECK(t.tables.entry_of(guard - 0x1000) == ((guard - 0x1000) | present | writable | no_execute));
    CHECK(t.tables.entry_of(guard + 0x1000) == ((guard + 0x1000) | present | writable | no_execute));
    CHECK(t.tables.entry_of(6 * mebibyte) == (6 * mebibyte | present | writable | no_execute | large));
    REQUIRE(t.tables.set_present(guard, true));
    CHECK(t.tables.entry_of(guard) == (guard | present | writable | no_execute));
    CHECK_FALSE(t.tables.set_present(32 * mebibyte, false));
}

TEST_CASE("page tables: too few tables, or too high an address, is told") {
    Tables none(1);
    CHECK_FALSE(none.tables.map({0x20'0000, 0x1000}, PageAccess::read_write));
    Tables two(2);  // top and one directory
    CHECK(two.tables.map({0x20'0000, 2 * mebibyte}, PageAccess::read_write));
    CHECK_FALSE(two.tables.map({0x40'0000, 0x1000}, PageAccess::read_write));
    CHECK_FALSE(two.tables.set_present(0x20'0000, false));
    CHECK((two.tables.entry_of(0x20'0000) & present) != 0);
    CHECK_FALSE(two.tables.map({PageTables::physical_limit, 2 * mebibyte}, PageAccess::read_write));
}

TEST_CASE("page tables: as many tables as are said to be needed are enough to split everything") {
    constexpr std::uint64_t ram = 16 * mebibyte;
    Tables t(PageTables::tables_needed(ram, 1, ram));
    REQUIRE(t.tables.map({0x1000, ram - 0x1000}, PageAccess::read_write));
    for (std::uint64_t address = 0x1000; address < ram; address += 0x1000)
        REQUIRE(t.tables.set_present(address, false));
    for (std::uint64_t device : {0xFEC0'0000ULL, 0xFEE0'0000ULL, 0xD000'0000ULL, 0xFEA0'0000ULL})
        REQUIRE(t.tables.map({device, 2 * mebibyte}, PageAccess::device));
}
