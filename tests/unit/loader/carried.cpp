// SPDX-License-Identifier: Apache-2.0
// The loader's own file: finding the image that it carries.
#include "images/loader/carried.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr std::size_t headers_at = 0x80, optional_header_size = 240,
                      sections_at = headers_at + 24 + optional_header_size;
constexpr std::size_t image_at = 0x400;

template <typename T>
void put(std::vector<std::byte>& file, std::size_t offset, T value) {
    std::memcpy(file.data() + offset, &value, sizeof value);
}

/// A PE file in memory, with two sections; the second is the image, of 5 bytes.
std::vector<std::byte> loader() {
    std::vector<std::byte> file(image_at + 5);
    put(file, 0x3C, std::uint32_t{headers_at});
    std::memcpy(file.data() + headers_at, "PE\0\0", 4);
    put(file, headers_at + 6, std::uint16_t{2});
    put(file, headers_at + 20, std::uint16_t{optional_header_size});
    std::memcpy(file.data() + sections_at, ".text\0\0\0", 8);
    std::memcpy(file.data() + sections_at + 40, ".tenon\0\0", 8);
    put(file, sections_at + 48, std::uint32_t{5});
    put(file, sections_at + 52, std::uint32_t{image_at});
    std::memcpy(file.data() + image_at, "image", 5);
    return file;
}

template <typename Break>
std::string refusal_after(Break&& break_it) {
    std::vector<std::byte> file = loader();
    break_it(file);
    const auto image = tenon::loader::carried_image(file);
    return image ? "" : std::string(image.error().message());
}

}  // namespace

TEST_CASE("loader: it finds the image that it carries") {
    const std::vector<std::byte> file = loader();
    const auto image = tenon::loader::carried_image(file);
    REQUIRE(image);
    CHECK(image->data() == file.data() + image_at);
    CHECK(image->size() == 5);
}

TEST_CASE("loader: without an image, or with damaged headers, it says so") {
    const std::string damaged = "the loader's own headers are damaged";
    const std::string truncated = "the image that the loader carries is truncated";
    CHECK(refusal_after([](auto& file) { file[sections_at + 41] = std::byte{'x'}; }) ==
          "the loader carries no image (images/carry.sh adds it)");
    CHECK(refusal_after([](auto& file) { put(file, headers_at + 6, std::uint16_t{1}); }) ==
          "the loader carries no image (images/carry.sh adds it)");
    CHECK(refusal_after([](auto& file) { file.clear(); }) == damaged);
    CHECK(refusal_after([](auto& file) { file.resize(headers_at + 23); }) == damaged);
    CHECK(refusal_after([](auto& file) { file[headers_at] = std::byte{'X'}; }) == damaged);
    CHECK(refusal_after([](auto& file) { put(file, 0x3C, ~std::uint32_t{0}); }) == damaged);
    CHECK(refusal_after([](auto& file) {
              put(file, headers_at + 6, std::uint16_t{0xFFFF}), file[sections_at + 41] = {};
          }) == damaged);
    CHECK(refusal_after([](auto& file) { put(file, headers_at + 20, std::uint16_t{0xFFFF}); }) == damaged);
    CHECK(refusal_after([](auto& file) { file.pop_back(); }) == truncated);
    CHECK(refusal_after([](auto& file) { put(file, sections_at + 48, ~std::uint32_t{0}); }) == truncated);
    CHECK(refusal_after([](auto& file) { put(file, sections_at + 52, ~std::uint32_t{0}); }) == truncated);
}

TEST_CASE("loader: no change of its file makes it look outside of that") {
    std::mt19937 random(3);
    for (int round = 0; round < 20'000; ++round) {
        std::vector<std::byte> file = loader();
        for (int change = 0; change < 3; ++change) file[random() % file.size()] = static_cast<std::byte>(random());
        if (random() % 4 == 0) file.resize(random() % file.size());
        const auto image = tenon::loader::carried_image(file);
        if (!image) continue;
        const auto end = static_cast<std::size_t>(image->data() - file.data()) + image->size();
        REQUIRE(end <= file.size());
    }
}
