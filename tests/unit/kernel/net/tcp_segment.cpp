// SPDX-License-Identifier: Apache-2.0
// Which TCP segments may travel in one frame.
#include "kernel/net/tcp_segment.h"

#include <catch2/catch.hpp>
#include <vector>

#include "kernel/net/partial_checksum.h"

using namespace tenon::net;

namespace {

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& bytes, std::size_t offset, unsigned value) {
    bytes[offset] = static_cast<std::uint8_t>(value >> 8);
    bytes[offset + 1] = static_cast<std::uint8_t>(value);
}

Bytes segment(bool ipv6, unsigned sequence, unsigned payload, std::uint8_t flags = 0x10) {
    const std::size_t tcp = ipv6 ? 54 : 34;
    Bytes bytes(tcp + 20 + payload, 7);
    put(bytes, 12, ipv6 ? 0x86DD : 0x0800);
    if (ipv6) {
        put(bytes, 18, 20 + payload);
        bytes[20] = 6;
    } else {
        bytes[14] = 0x45;
        put(bytes, 16, 40 + payload);
        put(bytes, 18, sequence);  // identification differs
        put(bytes, 20, 0x4000);
        bytes[23] = 6;
    }
    put(bytes, tcp + 4, sequence >> 16);
    put(bytes, tcp + 6, sequence);
    bytes[tcp + 12] = 0x50;
    bytes[tcp + 13] = flags;
    return bytes;
}

}  // namespace

TEST_CASE("tcp segment: data with ACK is recognised") {
    for (const bool ipv6 : {false, true}) {
        const auto parsed = parse_tcp_data(segment(ipv6, 0x12345678, 100, 0x18));
        REQUIRE(parsed);
        CHECK(parsed->header_size == (ipv6 ? 74 : 54));
        CHECK(parsed->payload_size == 100);
        CHECK(parsed->sequence == 0x12345678);
        CHECK(parsed->ipv6 == ipv6);
    }
}

TEST_CASE("tcp segment: everything else goes alone") {
    for (const std::uint8_t flags : std::initializer_list<std::uint8_t>{0x00, 0x02, 0x11, 0x12, 0x14, 0x30, 0x50, 0x90})
        CHECK_FALSE(parse_tcp_data(segment(false, 1, 10, flags)));
    CHECK_FALSE(parse_tcp_data(segment(false, 1, 0)));  // a bare acknowledgement
    Bytes bytes = segment(false, 1, 10);
    SECTION("UDP") { bytes[23] = 17; }
    SECTION("IP options") { bytes[14] = 0x46; }
    SECTION("a fragment") { put(bytes, 20, 0x2000); }
    SECTION("a short TCP header") { bytes[46] = 0x40; }
    SECTION("a TCP header beyond the segment") { bytes[46] = 0xF0; }
    SECTION("a length below the IP header's") { put(bytes, 16, 10); }
    SECTION("a head that ends early") { bytes.resize(53); }
    SECTION("ARP") { put(bytes, 12, 0x0806); }
    CHECK_FALSE(parse_tcp_data(bytes));
}

TEST_CASE("tcp segment: the next one of the same connection continues it") {
    for (const bool ipv6 : {false, true}) {
        const Bytes first = segment(ipv6, 0xFFFFFF00, 1000);
        const auto a = parse_tcp_data(first).value();
        Bytes second = segment(ipv6, 0xFFFFFF00 + 1000, 300, 0x18);  // past the wrap of the sequence
        const auto follows = [&] { return continues(first, a, 1000, second, parse_tcp_data(second).value()); };
        CHECK(follows());
        const std::size_t tcp = ipv6 ? 54 : 34;
        SECTION(ipv6 ? "6: gap" : "4: gap") { put(second, tcp + 6, 5); }
        SECTION(ipv6 ? "6: port" : "4: port") { second[tcp] ^= 1; }
        SECTION(ipv6 ? "6: address" : "4: address") { second[tcp - 1] ^= 1; }
        SECTION(ipv6 ? "6: acknowledgement" : "4: acknowledgement") { second[tcp + 9] ^= 1; }
        SECTION(ipv6 ? "6: window" : "4: window") { second[tcp + 15] ^= 1; }
        SECTION(ipv6 ? "6: hop limit" : "4: hop limit") { second[ipv6 ? 21 : 22] ^= 1; }
        SECTION(ipv6 ? "6: destination" : "4: destination") { second[0] ^= 2; }
        if (second != segment(ipv6, 0xFFFFFF00 + 1000, 300, 0x18)) CHECK_FALSE(follows());
    }
}

TEST_CASE("tcp segment: a resized one has right lengths and IP checksum") {
    Bytes four = segment(false, 1, 1000);
    const auto parsed = parse_tcp_data(four).value();
    resize_segment(four, parsed, 5000, true);
    CHECK(parse_tcp_data(four)->payload_size == 5000);
    CHECK(fold(add_words(0, std::span(four).subspan(14, 20))) == 0xFFFF);
    CHECK(has_push(four, parsed));
    Bytes six = segment(true, 1, 1000);
    resize_segment(six, parse_tcp_data(six).value(), 5000, false);
    CHECK(parse_tcp_data(six)->payload_size == 5000);
    CHECK_FALSE(has_push(six, parse_tcp_data(six).value()));
}
