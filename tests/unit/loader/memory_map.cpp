// SPDX-License-Identifier: Apache-2.0
// The firmware's memory map: where an image fits, and what the kernel is told.
#include "images/loader/memory_map.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

using tenon::abi::pvh::MemoryMapEntry;
using tenon::abi::pvh::MemoryType;
using tenon::loader::FirmwareMap;
using tenon::loader::FirmwareMemory;
using Type = tenon::loader::FirmwareMemoryType;

namespace {

/// As firmware writes it: descriptors with bytes of a later version behind them.
class Map {
public:
    Map& add(Type type, std::uint64_t begin, std::uint64_t end) { return add_pages(type, begin, (end - begin) / 4096); }
    Map& add_pages(Type type, std::uint64_t begin, std::uint64_t pages) {
        const FirmwareMemory memory{
            .type = type, .padding = ~0U, .base = begin, .virtual_base = 0, .pages = pages, .attributes = 0xF};
        bytes_.resize(bytes_.size() + stride, std::byte{0xEE});
        std::memcpy(bytes_.data() + bytes_.size() - stride, &memory, sizeof memory);
        return *this;
    }
    [[nodiscard]] FirmwareMap view() const { return {bytes_, stride}; }

private:
    static constexpr std::size_t stride = 48;
    std::vector<std::byte> bytes_;
};

std::string problem(const Map& map, std::uint64_t begin, std::uint64_t end) {
    const auto place = tenon::loader::check_place(map.view(), {begin, end});
    return place ? "" : std::string(place.error().message());
}

std::vector<MemoryMapEntry> converted(const Map& map) {
    std::array<MemoryMapEntry, 8> target{};
    const auto count = tenon::loader::convert_map(map.view(), target);
    REQUIRE(count);
    return {target.begin(), target.begin() + static_cast<std::ptrdiff_t>(*count)};
}

bool is(const MemoryMapEntry& entry, MemoryType type, std::uint64_t begin, std::uint64_t end) {
    return entry.type == type && entry.base == begin && entry.base + entry.size == end;
}

}  // namespace

TEST_CASE("loader: an image's place may be free now or at the end of boot services") {
    Map map;
    map.add(Type::boot_services_data, 0x30'0000, 0x40'0000)
        .add(Type::loader_code, 0x40'0000, 0x50'0000)
        .add(Type::conventional, 0x10'0000, 0x30'0000)
        .add(Type::acpi_nvs, 0x80'0000, 0x90'0000)
        .add(Type::conventional, 0x50'0000, 0x80'0000);
    CHECK(problem(map, 0x20'0000, 0x30'0000).empty());
    CHECK(problem(map, 0x20'0000, 0x80'0000).empty());
    CHECK(problem(map, 0x7F'F000, 0x80'1000)
              .starts_with("the image must be at 0x7ff000 to 0x801000, and the firmware keeps 0x800000 to 0x801000"));
    CHECK(problem(map, 0x8F'F000, 0xA0'0000).contains("the firmware keeps 0x8ff000 to 0x900000"));
}

TEST_CASE("loader: an image's place has to be memory, all of it") {
    Map map;
    map.add(Type::conventional, 0x10'0000, 0x30'0000).add(Type::conventional, 0x40'0000, 0x50'0000);
    CHECK(
        problem(map, 0x20'0000, 0x40'1000)
            .starts_with("the image must be at 0x200000 to 0x401000, and there is no memory at 0x300000 to 0x400000"));
    CHECK(problem(map, 0x40'0000, 0x60'0000).contains("there is no memory at 0x500000 to 0x600000"));
    CHECK_FALSE(problem(Map(), 0x20'0000, 0x40'0000).empty());
    // A range that wraps is none.
    CHECK_FALSE(problem(Map().add_pages(Type::conventional, 0x10'0000, ~0ULL), 0x20'0000, 0x30'0000).empty());
    CHECK_FALSE(problem(Map().add_pages(Type::conventional, ~0xFFFULL, 2), 0x20'0000, 0x30'0000).empty());
}

TEST_CASE("loader: the kernel's map is sorted, and has one entry for adjacent ranges of a type") {
    Map map;
    map.add(Type::conventional, 0x10'0000, 0x20'0000)
        .add(Type::runtime_services_data, 0x50'0000, 0x60'0000)
        .add(Type::boot_services_code, 0x30'0000, 0x40'0000)
        .add(Type::conventional, 0x1'0000'0000, 0x1'8000'0000)
        .add(Type::loader_data, 0x20'0000, 0x30'0000)
        .add(Type::runtime_services_code, 0x40'0000, 0x50'0000)
        .add(Type::acpi_reclaim, 0x60'0000, 0x61'0000)
        .add(Type::acpi_nvs, 0x61'0000, 0x62'0000)
        .add(Type::unusable, 0x62'0000, 0x63'0000)
        .add(static_cast<Type>(11), 0xFEC0'0000, 0xFEC0'1000)
        .add(Type::conventional, 0, 0);
    const auto entries = converted(map);
    REQUIRE(entries.size() == 7);
    CHECK(is(entries[0], MemoryType::ram, 0x10'0000, 0x40'0000));
    CHECK(is(entries[1], MemoryType::reserved, 0x40'0000, 0x60'0000));
    CHECK(is(entries[2], MemoryType::acpi, 0x60'0000, 0x61'0000));
    CHECK(is(entries[3], MemoryType::acpi_nvs, 0x61'0000, 0x62'0000));
    CHECK(is(entries[4], MemoryType::unusable, 0x62'0000, 0x63'0000));
    CHECK(is(entries[5], MemoryType::reserved, 0xFEC0'0000, 0xFEC0'1000));
    CHECK(is(entries[6], MemoryType::ram, 0x1'0000'0000, 0x1'8000'0000));
}

TEST_CASE("loader: a map with more ranges than there is room for is an error") {
    Map map;
    for (std::uint64_t i = 0; i < 8; ++i) map.add(Type::conventional, i << 20, (i << 20) + 0x1000);
    CHECK(converted(map).size() == 8);
    map.add(Type::conventional, 0x1000, 0x2000);
    CHECK(converted(map).size() == 8);
    map.add(Type::conventional, 8 << 20, 9 << 20);
    std::array<MemoryMapEntry, 8> target{};
    const auto count = tenon::loader::convert_map(map.view(), target);
    REQUIRE_FALSE(count);
    CHECK(count.error().message() == "the firmware's memory map has more than 0x8 ranges");
    // Descriptors shorter than version 1's are nobody's.
    CHECK(FirmwareMap(std::array<std::byte, 64>{}, 16).size() == 0);
    CHECK(FirmwareMap(std::array<std::byte, 64>{}, 0).size() == 0);
}
