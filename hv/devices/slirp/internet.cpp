// SPDX-License-Identifier: Apache-2.0
// Reading and writing headers.
#include "hv/devices/slirp/internet.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace hv::slirp {

namespace {

constexpr std::uint16_t more_fragments_flag = 0x2000;
constexpr std::uint16_t offset_mask = 0x1FFF;

std::uint8_t get_8(Bytes bytes, std::size_t offset) { return static_cast<std::uint8_t>(bytes[offset]); }

}  // namespace

std::uint16_t get_16(Bytes bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(get_8(bytes, offset) << 8 | get_8(bytes, offset + 1));
}

std::uint32_t get_32(Bytes bytes, std::size_t offset) {
    return static_cast<std::uint32_t>(get_16(bytes, offset)) << 16 | get_16(bytes, offset + 2);
}

void put_16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value) {
    bytes[offset] = static_cast<std::byte>(value >> 8);
    bytes[offset + 1] = static_cast<std::byte>(value & 0xFF);
}

void put_32(std::span<std::byte> bytes, std::size_t offset, std::uint32_t value) {
    put_16(bytes, offset, static_cast<std::uint16_t>(value >> 16));
    put_16(bytes, offset + 2, static_cast<std::uint16_t>(value & 0xFFFF));
}

std::uint16_t internet_checksum(Bytes bytes, std::uint64_t sum) {
    // In the order of the host, which is the other one: the sum's bytes are swapped once, at its end (section 2 (B)).
    std::uint64_t swapped = 0;
    std::size_t i = 0;
    for (; i + 1 < bytes.size(); i += 2) {
        std::uint16_t word = 0;
        std::memcpy(&word, bytes.data() + i, sizeof word);
        swapped += word;
    }
    if (i < bytes.size()) swapped += static_cast<std::uint8_t>(bytes[i]);
    const auto fold = [](std::uint64_t value) {
        while (value >> 16 != 0) value = (value & 0xFFFF) + (value >> 16);
        return static_cast<std::uint16_t>(value);
    };
    return static_cast<std::uint16_t>(~fold(sum + std::byteswap(fold(swapped))));
}

std::uint64_t pseudo_header_sum(Ipv4Address from, Ipv4Address to, std::uint8_t protocol, std::size_t size) {
    return (from >> 16) + (from & 0xFFFF) + (to >> 16) + (to & 0xFFFF) + protocol + size;
}

std::optional<Ipv4Packet> read_ipv4(Bytes frame) {
    if (frame.size() < ethernet_size + ipv4_size || get_16(frame, 12) != ethertype_ipv4) return std::nullopt;
    const Bytes packet = frame.subspan(ethernet_size);
    const std::uint8_t first = get_8(packet, 0);
    const std::uint16_t fragment = get_16(packet, 6);
    const Ipv4Packet read{.header_size = static_cast<std::size_t>(first & 0xF) * 4,
                          .total_size = get_16(packet, 2),
                          .id = get_16(packet, 4),
                          .offset = static_cast<std::size_t>(fragment & offset_mask) * 8,
                          .more_fragments = (fragment & more_fragments_flag) != 0,
                          .protocol = get_8(packet, 9),
                          .source = get_32(packet, 12),
                          .destination = get_32(packet, 16)};
    if (first >> 4 != 4 || read.header_size < ipv4_size || read.total_size < read.header_size ||
        read.total_size > packet.size())
        return std::nullopt;
    return read;
}

void write_ipv4(std::span<std::byte> frame, const Ipv4Headers& headers, std::size_t payload_size) {
    std::ranges::copy(headers.to, frame.begin());
    std::ranges::copy(headers.from, frame.begin() + 6);
    put_16(frame, 12, ethertype_ipv4);
    const std::span<std::byte> packet = frame.subspan(ethernet_size);
    put_16(packet, 0, 0x4500);
    put_16(packet, 2, static_cast<std::uint16_t>(ipv4_size + payload_size));
    put_16(packet, 4, headers.id);
    put_16(packet, 6,
           static_cast<std::uint16_t>((headers.more_fragments ? more_fragments_flag : 0) | headers.offset / 8));
    put_16(packet, 8, static_cast<std::uint16_t>(64 << 8 | headers.protocol));
    put_16(packet, 10, 0);
    put_32(packet, 12, headers.source);
    put_32(packet, 16, headers.destination);
    put_16(packet, 10, internet_checksum(packet.first(ipv4_size)));
}

}  // namespace hv::slirp
