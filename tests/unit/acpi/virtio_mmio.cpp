// SPDX-License-Identifier: Apache-2.0
// Virtio devices of a definition block, as QEMU's microvm writes them, and broken ones.
#include "kernel/acpi/virtio_mmio.h"

#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <string>

using tenon::acpi::VirtioMmioDevice;

namespace {

std::string word(std::uint32_t value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }
std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text += static_cast<char>(value);
    return text;
}

std::string memory(std::uint32_t address, std::uint32_t size) {
    return bytes({0x86, 9, 0, 1}) + word(address) + word(size);
}
std::string interrupt(std::uint32_t input, int count = 1) { return bytes({0x89, 6, 0, 1, count}) + word(input); }
std::string device(const std::string& resources) {
    return "\x5B\x82VR00\x08_HID\x0DLNRO0005" + bytes({0, 8}) + "_UID" + bytes({0, 8}) + "_CRS\x11" + resources +
           bytes({0x79, 0});
}

struct Found {
    std::array<VirtioMmioDevice, 3> devices{};
    std::size_t count;
    explicit Found(const std::string& block)
        : count(tenon::acpi::find_virtio_mmio(std::as_bytes(std::span(block)), devices)) {}
};

}  // namespace

TEST_CASE("acpi: virtio-mmio devices are found with their addresses and lines") {
    const Found none(std::string(300, 'x'));
    CHECK(none.count == 0);
    CHECK(Found("").count == 0);
    const Found two("DSDT" + device(memory(0xFEB0'0000, 512) + interrupt(16)) + "something else" +
                    device(memory(0xFEB0'0200, 512) + interrupt(17)));
    REQUIRE(two.count == 2);
    CHECK((two.devices[0].address == 0xFEB0'0000 && two.devices[0].size == 512 && two.devices[0].input == 16));
    CHECK((two.devices[1].address == 0xFEB0'0200 && two.devices[1].size == 512 && two.devices[1].input == 17));
}

TEST_CASE("acpi: of more virtio-mmio devices than there is room for the first are taken") {
    std::string block;
    for (std::uint32_t i = 0; i < 5; ++i) block += device(memory(0xFEB0'0000 + i * 512, 512) + interrupt(16 + i));
    const Found found(block);
    REQUIRE(found.count == 3);
    CHECK(found.devices[2].input == 18);
}

TEST_CASE("acpi: a virtio-mmio device without its resources is left out, and takes none of the next one") {
    const std::string good = device(memory(0xFEB0'0200, 512) + interrupt(17));
    for (const std::string& resources :
         {std::string(), memory(0xFEB0'0000, 512), interrupt(16), memory(0xFEB0'0000, 512) + interrupt(16, 2),
          std::string(300, 'x') + memory(0xFEB0'0000, 512) + interrupt(16)}) {
        const Found found(device(resources) + good);
        REQUIRE(found.count == 1);
        CHECK(found.devices[0].address == 0xFEB0'0200);
    }
    const std::string whole = "LNRO0005" + memory(0xFEB0'0000, 512) + interrupt(16);
    CHECK(Found(whole).count == 1);
    for (std::size_t size = 0; size < whole.size(); ++size) CHECK(Found(whole.substr(0, size)).count == 0);
}

TEST_CASE("acpi: no definition block makes the search read outside of it") {
    const std::string good = device(memory(0xFEB0'0000, 512) + interrupt(16)) + device(memory(1, 2) + interrupt(3));
    std::mt19937 random(4);
    for (int round = 0; round < 5'000; ++round) {
        std::string block = good;
        for (int change = 0; change < 3; ++change) block[random() % block.size()] = static_cast<char>(random());
        block.resize(random() % (block.size() + 1));
        block.shrink_to_fit();
        CHECK(Found(block).count <= 2);
    }
}
