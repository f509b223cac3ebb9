// SPDX-License-Identifier: Apache-2.0
// Frames over receive buffers of every shape.
#include "hv/devices/receive_window.h"

#include <array>
#include <catch2/catch.hpp>
#include <numeric>

#include "hv/devices/virtio_net_header.h"

using namespace hv;

namespace {

constexpr std::size_t ring_size = 8;

struct Fixture {
    ReceiveWindow window;
    std::vector<std::vector<std::byte>> buffers;
    struct Used {
        std::uint16_t head;
        std::uint32_t bytes;
        bool operator==(const Used&) const = default;
    };
    std::vector<Used> used;

    /// A chain with segments of these sizes, after `readable` segments that a receive buffer should not have.
    bool add(std::uint16_t head, std::initializer_list<std::size_t> sizes, std::size_t readable = 0) {
        const std::span<iovec> space = window.space(ring_size);
        if (space.empty()) return false;
        std::size_t count = 0;
        std::uint32_t total = 0;
        for (; count < readable; ++count) space[count] = {.iov_base = nullptr, .iov_len = 1};
        for (const std::size_t size : sizes) {
            auto& buffer = buffers.emplace_back(size, std::byte{0xEE});
            space[count++] = {.iov_base = buffer.data(), .iov_len = size};
            total += static_cast<std::uint32_t>(size);
        }
        window.add({head, 0, total, space.first(readable), space.subspan(readable, sizes.size())});
        return true;
    }
    void take(std::uint64_t size) {
        window.take(size, [this](std::uint16_t head, std::uint32_t bytes) { used.push_back({head, bytes}); });
    }
    static std::size_t bytes(std::span<const iovec> segments) {
        return std::accumulate(segments.begin(), segments.end(), std::size_t{0},
                               [](std::size_t sum, const iovec& segment) { return sum + segment.iov_len; });
    }
    /// Bytes 10 and 11 of all buffers in a row.
    [[nodiscard]] int buffer_count() const {
        std::vector<std::byte> all;
        for (const auto& buffer : buffers) all.insert(all.end(), buffer.begin(), buffer.end());
        return static_cast<int>(all.at(10)) | static_cast<int>(all.at(11)) << 8;
    }
};

}  // namespace

TEST_CASE("receive window: a frame in one buffer") {
    Fixture f;
    CHECK(f.window.empty());
    CHECK(f.window.for_frame(1526, true).empty());
    REQUIRE(f.add(7, {2048}));
    REQUIRE(f.add(3, {2048}));
    CHECK(f.window.bytes() == 4096);
    CHECK(Fixture::bytes(f.window.for_frame(1526, true)) == 2048);
    f.take(100);
    CHECK(f.used == std::vector<Fixture::Used>{{7, 100}});
    CHECK(f.buffer_count() == 1);
    CHECK(f.window.bytes() == 2048);
    f.take(2048);
    CHECK(f.window.empty());
    CHECK(f.window.bytes() == 0);
}

TEST_CASE("receive window: a frame over several buffers") {
    Fixture f;
    REQUIRE(f.add(1, {600, 400}));
    REQUIRE(f.add(2, {1000}));
    REQUIRE(f.add(5, {1000}));
    CHECK(f.window.for_frame(1526, true).size() == 3);
    CHECK(f.window.for_frame(1526, false).size() == 2);
    f.take(1500);
    CHECK(f.used == std::vector<Fixture::Used>{{1, 1000}, {2, 500}});
    CHECK(f.buffer_count() == 2);
    CHECK(f.window.bytes() == 1000);
}

TEST_CASE("receive window: a header in pieces") {
    Fixture f;
    REQUIRE(f.add(0, {4, 6, 1, 1, 100}));
    f.take(50);
    CHECK(f.buffer_count() == 1);
    CHECK(f.used == std::vector<Fixture::Used>{{0, 50}});
}

TEST_CASE("receive window: readable parts are left out") {
    Fixture f;
    REQUIRE(f.add(0, {64, 64}, 3));
    const auto segments = f.window.for_frame(1526, true);
    REQUIRE(segments.size() == 2);
    CHECK(segments[0].iov_base == f.buffers[0].data());
    CHECK(segments[1].iov_base == f.buffers[1].data());
}

TEST_CASE("receive window: full, and moved to the front again") {
    Fixture f;
    std::uint16_t head = 0;
    int chains = 0;
    while (f.add(head++, {20, 20, 20, 20, 20})) ++chains;
    CHECK(chains == 2);
    for (int round = 0; round < 100; ++round) {
        f.take(30);
        --chains;
        while (f.add(head++, {20, 20, 20, 20, 20})) ++chains;
        REQUIRE(chains >= 1);
        REQUIRE(f.window.bytes() == static_cast<std::uint64_t>(chains) * 100);
    }
    f.window.clear();
    CHECK(f.window.empty());
    CHECK(f.window.bytes() == 0);
    CHECK(f.add(0, {1}));
}
