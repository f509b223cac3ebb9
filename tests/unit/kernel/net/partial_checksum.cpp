// SPDX-License-Identifier: Apache-2.0
// Half of a checksum by the stack, half by a device, against a whole one.
#include "kernel/net/partial_checksum.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace tenon::net;

namespace {

using Bytes = std::vector<std::uint8_t>;

void put(Bytes& bytes, std::size_t offset, unsigned value) {
    bytes[offset] = static_cast<std::uint8_t>(value >> 8);
    bytes[offset + 1] = static_cast<std::uint8_t>(value);
}

Bytes random_bytes(std::size_t size, std::uint32_t seed) {
    std::mt19937 random(seed);
    Bytes bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    return bytes;
}

/// A TCP segment of `size` bytes after the IP header.
Bytes ipv4_frame(std::size_t options, std::size_t size) {
    Bytes frame = random_bytes(14 + 20 + options + size, static_cast<std::uint32_t>(size));
    put(frame, 12, 0x0800);
    frame[14] = static_cast<std::uint8_t>(0x45 + options / 4);
    put(frame, 16, static_cast<unsigned>(20 + options + size));
    put(frame, 20, 0x4000);  // do not fragment
    frame[23] = 6;
    return frame;
}
Bytes ipv6_frame(std::size_t size) {
    Bytes frame = random_bytes(14 + 40 + size, static_cast<std::uint32_t>(size));
    put(frame, 12, 0x86DD);
    put(frame, 18, static_cast<unsigned>(size));
    frame[20] = 6;
    return frame;
}

/// The device's part (virtio 1.2, section 5.1.6.2).
void complete(Bytes& frame, const ChecksumPlace& place) {
    const auto sum = static_cast<std::uint16_t>(~fold(add_words(0, std::span(frame).subspan(place.start))));
    put(frame, place.start + place.offset, sum);
}

/// RFC 793: the sum over pseudo-header and segment, checksum included, is all ones.
bool valid(const Bytes& frame) {
    const std::span ip = std::span(frame).subspan(14);
    const bool v6 = (ip[0] >> 4) == 6 || frame[12] == 0x86;
    const std::size_t header = v6 ? 40 : static_cast<std::size_t>(ip[0] & 15) * 4;
    const std::span segment = ip.subspan(header);
    std::uint32_t sum = 6 + static_cast<std::uint32_t>(segment.size());
    sum = v6 ? add_words(sum, ip.subspan(8, 32)) : add_words(sum, ip.subspan(12, 8));
    return fold(add_words(sum, segment)) == 0xFFFF;
}

}  // namespace

TEST_CASE("partial checksum: completed by a device, it is right for every length") {
    for (std::size_t size = 20; size < 200; ++size) {
        for (const std::size_t options : {0, 4, 40}) {
            Bytes frame = ipv4_frame(options, size);
            const auto place = begin_tcp_checksum(frame);
            REQUIRE(place);
            CHECK(place->start == 34 + options);
            complete(frame, *place);
            CHECK(valid(frame));
        }
        Bytes frame = ipv6_frame(size);
        const auto place = begin_tcp_checksum(frame);
        REQUIRE(place);
        complete(frame, *place);
        CHECK(valid(frame));
    }
}

TEST_CASE("partial checksum: only whole TCP segments are touched") {
    Bytes frame = ipv4_frame(0, 40);
    SECTION("UDP") { frame[23] = 17; }
    SECTION("a first fragment") { put(frame, 20, 0x2000); }
    SECTION("a later fragment") { put(frame, 20, 0x0001); }
    SECTION("ARP") { put(frame, 12, 0x0806); }
    SECTION("a header that is too short") { frame[14] = 0x44; }
    SECTION("a length below the header's") { put(frame, 16, 19); }
    SECTION("a head that ends within the TCP header") { frame.resize(14 + 20 + 19); }
    SECTION("a head that ends within the IP header") { frame.resize(14 + 19); }
    SECTION("nothing") { frame.clear(); }
    const Bytes before = frame;
    CHECK_FALSE(begin_tcp_checksum(frame));
    CHECK(frame == before);
}

TEST_CASE("partial checksum: fragments are recognised") {
    Bytes packet = ipv4_frame(0, 40);
    packet.erase(packet.begin(), packet.begin() + 14);
    CHECK_FALSE(is_fragment(packet, false));
    put(packet, 6, 0x2000);
    CHECK(is_fragment(packet, false));
    put(packet, 6, 0x00FF);
    CHECK(is_fragment(packet, false));
    Bytes six = ipv6_frame(40);
    six.erase(six.begin(), six.begin() + 14);
    CHECK_FALSE(is_fragment(six, true));
    six[6] = 44;
    CHECK(is_fragment(six, true));
    CHECK_FALSE(is_fragment({}, false));
    CHECK_FALSE(is_fragment({}, true));
}
