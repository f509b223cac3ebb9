// SPDX-License-Identifier: Apache-2.0
// Fragments, in every order and wrong.
#include "hv/devices/slirp/reassembly.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <random>

#include "tests/unit/hv/frames.h"

using namespace hv::slirp;
using namespace hv::test;

namespace {

Frame numbers(std::size_t size) {
    Frame payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::byte>(i * 7 + i / 256);
    return payload;
}

/// `payload` in fragments of `room` bytes.
std::vector<Frame> fragments_of(const Frame& payload, std::size_t room, std::uint16_t id = 1) {
    std::vector<Frame> frames;
    for (std::size_t at = 0; at < payload.size(); at += room) {
        const std::size_t size = std::min(room, payload.size() - at);
        frames.push_back(Ipv4Frame{.id = id,
                                   .offset = at,
                                   .more_fragments = at + size < payload.size(),
                                   .payload = Frame(payload.begin() + static_cast<std::ptrdiff_t>(at),
                                                    payload.begin() + static_cast<std::ptrdiff_t>(at + size))}
                             .frame());
    }
    return frames;
}

Frame payload_of(const Frame& frame) {
    const auto packet = read_ipv4(frame);
    REQUIRE(packet);
    CHECK_FALSE(packet->is_fragment());
    CHECK(internet_checksum(Bytes(frame).subspan(ethernet_size, ipv4_size)) == 0);
    const Bytes payload = packet->payload(frame);
    return {payload.begin(), payload.end()};
}

}  // namespace

TEST_CASE("fragments in any order give the datagram once", "[reassembly]") {
    const Frame payload = numbers(65507 + 8);
    std::vector<Frame> frames = fragments_of(payload, 1480);
    std::minstd_rand random(7);
    for (int round = 0; round < 20; ++round) {
        Reassembly reassembly;
        std::shuffle(frames.begin(), frames.end(), random);
        for (std::size_t i = 0; i + 1 < frames.size(); ++i) REQUIRE(reassembly.add(frames[i], 0).empty());
        CHECK(payload_of(reassembly.add(frames.back(), 0)) == payload);
        CHECK(reassembly.waiting() == 0);
    }
}

TEST_CASE("datagrams of different senders, targets, protocols and numbers are not mixed", "[reassembly]") {
    Reassembly reassembly;
    const Ipv4Frame first{.id = 5, .more_fragments = true, .payload = numbers(16)};
    REQUIRE(reassembly.add(first.frame(), 0).empty());
    for (Ipv4Frame other :
         {Ipv4Frame{.source = address(10, 0, 2, 16), .id = 5}, Ipv4Frame{.destination = address(8, 8, 8, 8), .id = 5},
          Ipv4Frame{.protocol = protocol_icmp, .id = 5}, Ipv4Frame{.id = 6}}) {
        other.offset = 16;
        CHECK(reassembly.add(other.frame(), 0).empty());
    }
    CHECK(reassembly.waiting() == 5);
    const Ipv4Frame last{.id = 5, .offset = 16, .payload = numbers(3)};
    CHECK(payload_of(reassembly.add(last.frame(), 0)).size() == 19);
}

TEST_CASE("what overlaps, or cannot be, drops its datagram", "[reassembly]") {
    const Ipv4Frame first{.more_fragments = true, .payload = numbers(24)};
    for (const Ipv4Frame& wrong : {
             Ipv4Frame{.more_fragments = true, .payload = numbers(24)},                // twice
             Ipv4Frame{.offset = 16, .more_fragments = true, .payload = numbers(16)},  // over its end
             Ipv4Frame{.offset = 16, .payload = numbers(1)},                           // ends within
             Ipv4Frame{.offset = 24, .more_fragments = true, .payload = numbers(12)},  // not whole units
             Ipv4Frame{.offset = 24, .more_fragments = true, .payload = {}},           // nothing
             Ipv4Frame{.offset = 65528, .payload = numbers(100)},                      // beyond the largest
         }) {
        Reassembly reassembly;
        REQUIRE(reassembly.add(first.frame(), 0).empty());
        CHECK(reassembly.add(wrong.frame(), 0).empty());
        CHECK(reassembly.waiting() == 0);
    }
    // Two last fragments, and one that ends before bytes that are there already.
    Reassembly reassembly;
    REQUIRE(reassembly.add(Ipv4Frame{.offset = 64, .payload = numbers(8)}.frame(), 0).empty());
    CHECK(reassembly.add(Ipv4Frame{.offset = 32, .payload = numbers(8)}.frame(), 0).empty());
    CHECK(reassembly.waiting() == 0);
    REQUIRE(reassembly.add(Ipv4Frame{.offset = 64, .more_fragments = true, .payload = numbers(8)}.frame(), 0).empty());
    CHECK(reassembly.add(Ipv4Frame{.offset = 32, .payload = numbers(8)}.frame(), 0).empty());
    CHECK(reassembly.waiting() == 0);
    // Frames that are no fragments.
    CHECK(reassembly.add(Ipv4Frame{}.frame(), 0).empty());
    CHECK(reassembly.add({}, 0).empty());
}

TEST_CASE("unfinished datagrams are few, and go with time", "[reassembly]") {
    Reassembly reassembly;
    for (std::uint16_t id = 0; id < 5000; ++id)
        REQUIRE(reassembly.add(Ipv4Frame{.id = id, .offset = 65504, .payload = numbers(8)}.frame(), 100).empty());
    CHECK(reassembly.waiting() == Reassembly::most_datagrams);
    // The newest are kept.
    CHECK(reassembly.add(Ipv4Frame{.id = 4999, .more_fragments = true, .payload = numbers(8)}.frame(), 100).empty());
    CHECK(reassembly.waiting() == Reassembly::most_datagrams);
    CHECK(reassembly
              .add(Ipv4Frame{.id = 1, .more_fragments = true, .payload = numbers(8)}.frame(), 100 + Reassembly::life_ms)
              .empty());
    CHECK(reassembly.waiting() == 1);
    // Nor has a datagram many fragments.
    for (std::size_t i = 0; i < 2 * Reassembly::most_fragments; ++i)
        REQUIRE(reassembly
                    .add(Ipv4Frame{.id = 9, .offset = 16 * i, .more_fragments = true, .payload = numbers(8)}.frame(), 0)
                    .empty());
    CHECK(reassembly.waiting() <= 2);
}
