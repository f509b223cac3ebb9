// SPDX-License-Identifier: Apache-2.0
// A hypervisor's boot information (PVH), sorted.
#include "kernel/platform/hvm/boot_information.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace tenon::hvm;
using tenon::abi::pvh::MemoryMapEntry;
using tenon::abi::pvh::MemoryType;

namespace {

constexpr std::uint64_t limit = 512ULL << 30;

std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges_of(const std::vector<MemoryMapEntry>& map) {
    BootInformation information;
    take_memory_map(information, map, limit);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> result;
    for (const auto& range : information.ram()) result.emplace_back(range.base, range.size);
    return result;
}

std::string command_line_of(std::string_view text) {
    BootInformation information;
    take_command_line(information, text);
    return {information.command_line, information.command_line_size};
}

using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

}  // namespace

TEST_CASE("PVH memory map: RAM in whole pages, without page 0") {
    CHECK(ranges_of({{0, 0x9FC00, MemoryType::ram, 0},
                     {0x9FC00, 0x400, MemoryType::reserved, 0},
                     {0x10'0000, 0x7F0'0000, MemoryType::ram, 0},
                     {0xFEFF'C000, 0x4000, MemoryType::reserved, 0}}) ==
          Ranges{{0x1000, 0x9E000}, {0x10'0000, 0x7F0'0000}});
}

TEST_CASE("PVH memory map: any order, overlaps, and nonsense") {
    CHECK(ranges_of({{0x1'0000'0000, 0x1000'0000, MemoryType::ram, 0}, {0x10'0000, 0x10'0000, MemoryType::ram, 0}}) ==
          Ranges{{0x10'0000, 0x10'0000}, {0x1'0000'0000, 0x1000'0000}});
    CHECK(ranges_of({{0x10'0000, 0x10'0000, MemoryType::ram, 0},
                     {0x18'0000, 0x10'0000, MemoryType::ram, 0},
                     {0x28'0000, 0x1000, MemoryType::ram, 0}}) == Ranges{{0x10'0000, 0x18'1000}});
    CHECK(ranges_of({{0x10'0000, ~0ULL, MemoryType::ram, 0}}) == Ranges{{0x10'0000, limit - 0x10'0000}});
    CHECK(ranges_of({{limit, 0x1000, MemoryType::ram, 0},
                     {~0ULL, ~0ULL, MemoryType::ram, 0},
                     {0x5123, 0x800, MemoryType::ram, 0},
                     {0, 0x1000, MemoryType::ram, 0},
                     {0x3000, 0, MemoryType::ram, 0}}) == Ranges{});
    CHECK(ranges_of({}) == Ranges{});
}

TEST_CASE("PVH memory map: more ranges than there is room for are left out") {
    std::vector<MemoryMapEntry> map;
    for (std::uint64_t i = 0; i < 100; ++i) map.push_back({0x10'0000 + i * 0x10'0000, 0x1000, MemoryType::ram, 0});
    CHECK(ranges_of(map).size() == BootInformation::max_ranges);
}

TEST_CASE("PVH command line: devices that a hypervisor appends come before the program's arguments") {
    CHECK(command_line_of("") == "");
    CHECK(command_line_of("verbose  debug_exit=0xf4 ") == "verbose debug_exit=0xf4");
    CHECK(command_line_of("verbose -- a b virtio_mmio.device=512@0xfeb00e00:12") ==
          "virtio_mmio.device=512@0xfeb00e00:12 verbose -- a b");
    CHECK(command_line_of("x -- \"a  b\" virtio_mmio.device=1@2:3 c virtio_mmio.device=4@5:6") ==
          "virtio_mmio.device=1@2:3 virtio_mmio.device=4@5:6 x -- \"a  b\" c");
    CHECK(command_line_of("virtio_mmio.device=1@2:3 --") == "virtio_mmio.device=1@2:3 --");
}

TEST_CASE("PVH command line: one that is too long loses its last words") {
    const std::string word(100, 'w');
    std::string text;
    for (int i = 0; i < 100; ++i) text += word + " ";
    const std::string taken = command_line_of(text);
    CHECK(taken.size() <= BootInformation::max_command_line);
    CHECK(taken.size() > BootInformation::max_command_line - 101);
    CHECK(taken.size() % 101 == 100);
}
