// SPDX-License-Identifier: Apache-2.0
// Backtraces from memory that may hold anything.
#include "hv/postmortem/backtrace.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <vector>

namespace {

using namespace hv;
using tenon::abi::guest_base;

constexpr std::uint64_t stack = 0x5000, code = guest_base + 0x20'0000;

struct Guest {
    ImageLayout image;
    std::vector<std::byte> memory = std::vector<std::byte>(0x1000);
    tenon::abi::CrashReport report{};

    Guest() {
        image.segments.push_back({.physical = 0x20'0000,
                                  .file_offset = 0,
                                  .file_size = 0x1000,
                                  .memory_size = 0x1000,
                                  .writable = false,
                                  .executable = true});
        report.general[6] = guest_base + stack;
    }
    /// A frame at `offset` of the stack.
    void frame(std::uint64_t offset, std::uint64_t next, std::uint64_t return_address) {
        const std::uint64_t words[] = {next, return_address};
        std::memcpy(memory.data() + offset, words, sizeof words);
    }
    std::uint32_t frames() {
        add_backtrace(report, image, [this](std::uint64_t address, std::span<std::byte> bytes) -> std::size_t {
            if (address < stack || address - stack >= memory.size()) return 0;
            const std::size_t size = std::min<std::size_t>(bytes.size(), memory.size() - (address - stack));
            std::memcpy(bytes.data(), memory.data() + (address - stack), size);
            return size;
        });
        return report.frame_count;
    }
};

}  // namespace

TEST_CASE("backtrace: return addresses along the frame pointers, innermost first") {
    Guest guest;
    guest.frame(0, guest_base + stack + 0x40, code + 1);
    guest.frame(0x40, guest_base + stack + 0x80, code + 2);
    guest.frame(0x80, 0, code + 3);
    REQUIRE(guest.frames() == 3);
    CHECK(guest.report.frames[0] == code + 1);
    CHECK(guest.report.frames[2] == code + 3);
}

TEST_CASE("backtrace: it ends where frames do not go up, or lead to no code or no memory") {
    Guest guest;
    SECTION("a loop") {
        guest.frame(0, guest_base + stack, code);
        CHECK(guest.frames() == 1);
    }
    SECTION("data") {
        guest.frame(0, guest_base + stack + 16, guest_base + stack);
        CHECK(guest.frames() == 0);
    }
    SECTION("no memory") {
        guest.frame(0, guest_base + 0x9000, code);
        CHECK(guest.frames() == 1);
    }
    SECTION("half a frame") {
        guest.frame(0, guest_base + stack + 0xff8, code);
        CHECK(guest.frames() == 1);
    }
    SECTION("an odd pointer") {
        guest.report.general[6] += 1;
        CHECK(guest.frames() == 0);
    }
    SECTION("below the guest") {
        guest.report.general[6] = 8;
        CHECK(guest.frames() == 0);
    }
    SECTION("more than there is room for") {
        for (std::uint64_t at = 0; at + 16 <= 0x1000; at += 16) guest.frame(at, guest_base + stack + at + 16, code);
        CHECK(guest.frames() == std::size(guest.report.frames));
    }
}

TEST_CASE("backtrace: noise is survived") {
    std::mt19937_64 random(1);
    for (int round = 0; round < 2000; ++round) {
        Guest guest;
        for (std::size_t i = 0; i + 8 <= guest.memory.size(); i += 8) {
            const std::uint64_t word =
                random() % 4 == 0 ? code + random() % 0x2000 : guest_base + stack + random() % 0x1800;
            std::memcpy(guest.memory.data() + i, &word, sizeof word);
        }
        CHECK(guest.frames() <= std::size(guest.report.frames));
    }
}
