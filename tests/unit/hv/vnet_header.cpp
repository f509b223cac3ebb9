// SPDX-License-Identifier: Apache-2.0
// Checksums that a guest leaves to the user-mode network.
#include "hv/devices/slirp/vnet_header.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "hv/devices/virtio_net_header.h"

using hv::slirp::complete_checksum;

namespace {

std::vector<std::byte> frame(const virtio_net_hdr_v1& header, std::size_t payload, std::byte fill = std::byte{0}) {
    std::vector<std::byte> bytes(sizeof header + payload, fill);
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

virtio_net_hdr_v1 wanting(std::uint16_t start, std::uint16_t offset) {
    virtio_net_hdr_v1 header{};
    header.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    header.csum_start = start;
    header.csum_offset = offset;
    return header;
}

unsigned big_endian(const std::vector<std::byte>& bytes, std::size_t at) {
    return static_cast<unsigned>(bytes[12 + at]) << 8 | static_cast<unsigned>(bytes[12 + at + 1]);
}

}  // namespace

TEST_CASE("checksum: RFC 1071's example") {
    constexpr unsigned char example[] = {0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7, 0, 0};
    auto bytes = frame(wanting(0, 8), sizeof example);
    std::memcpy(bytes.data() + 12, example, sizeof example);
    REQUIRE(complete_checksum(bytes));
    CHECK(big_endian(bytes, 8) == 0x220D);  // the complement of ddf2
}

TEST_CASE("checksum: odd lengths, and a sum of zero") {
    auto odd = frame(wanting(14, 2), 17);
    odd[12 + 14] = std::byte{0x12};
    odd[12 + 15] = std::byte{0x34};
    odd[12 + 16] = std::byte{0};
    // The checksum's own place holds the pseudo header's sum, here the last byte and one beyond: outside.
    CHECK_FALSE(complete_checksum(odd));
    auto fits = frame(wanting(14, 0), 17);
    fits[12 + 14] = std::byte{0x12};
    fits[12 + 15] = std::byte{0x34};
    fits[12 + 16] = std::byte{0x56};
    REQUIRE(complete_checksum(fits));
    CHECK(big_endian(fits, 14) == (0xFFFFU ^ (0x1234 + 0x5600)));

    auto zero = frame(wanting(0, 0), 20, std::byte{0});
    zero[12 + 0] = std::byte{0xFF};
    zero[12 + 1] = std::byte{0xFF};
    REQUIRE(complete_checksum(zero));
    CHECK(big_endian(zero, 0) == 0xFFFF);
}

TEST_CASE("checksum: nothing is changed that is not asked for") {
    auto bytes = frame({}, 60, std::byte{0x5A});
    const auto before = bytes;
    CHECK(complete_checksum(bytes));
    CHECK(bytes == before);
}

TEST_CASE("checksum: nonsense is refused") {
    for (const std::size_t size : {0, 1, 11, 12}) {
        std::vector<std::byte> bytes(size, std::byte{0xFF});
        CHECK_FALSE(complete_checksum(bytes));
    }
    for (const auto& [start, offset] :
         {std::pair{60, 0}, {59, 0}, {0, 60}, {0, 59}, {0xFFFF, 0}, {0, 0xFFFF}, {0xFFFF, 0xFFFF}, {30, 29}}) {
        auto bytes = frame(wanting(static_cast<std::uint16_t>(start), static_cast<std::uint16_t>(offset)), 60);
        CHECK_FALSE(complete_checksum(bytes));
    }
    virtio_net_hdr_v1 segments{};
    segments.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
    auto bytes = frame(segments, 60);
    CHECK_FALSE(complete_checksum(bytes));
}
