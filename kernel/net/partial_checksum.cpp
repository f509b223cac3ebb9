// SPDX-License-Identifier: Apache-2.0
// The stack's part of a checksum that the device completes.
#include "kernel/net/partial_checksum.h"

namespace tenon::net {
namespace {

constexpr std::size_t ethernet_header = 14, ipv4_header = 20, ipv6_header = 40, tcp_header = 20;
constexpr std::size_t tcp_checksum_offset = 16, tcp_offset_field = 12;
constexpr std::uint8_t protocol_tcp = 6, ipv6_fragment_header = 44;

std::uint16_t word(std::span<const std::uint8_t> bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

enum class Kind { other, ipv4, ipv6 };

Kind kind_of(std::span<const std::uint8_t> head) {
    if (head.size() < ethernet_header) return Kind::other;
    switch (word(head, 12)) {
        case 0x0800: return head.size() >= ethernet_header + ipv4_header ? Kind::ipv4 : Kind::other;
        case 0x86DD: return head.size() >= ethernet_header + ipv6_header ? Kind::ipv6 : Kind::other;
        default: return Kind::other;
    }
}

}  // namespace

std::optional<ChecksumPlace> begin_tcp_checksum(std::span<std::uint8_t> head) {
    const Kind kind = kind_of(head);
    if (kind == Kind::other) return std::nullopt;
    const auto ip = head.subspan(ethernet_header);
    if (is_fragment(ip, kind == Kind::ipv6)) return std::nullopt;
    std::size_t header_size = 0;
    std::uint32_t sum = protocol_tcp;
    if (kind == Kind::ipv4) {
        header_size = static_cast<std::size_t>(ip[0] & 0xF) * 4;
        const std::size_t total = word(ip, 2);
        if (ip[9] != protocol_tcp || header_size < ipv4_header || total < header_size) return std::nullopt;
        sum = add_words(sum, ip.subspan(12, 8)) + static_cast<std::uint32_t>(total - header_size);
    } else {
        header_size = ipv6_header;
        if (ip[6] != protocol_tcp) return std::nullopt;  // lwIP sends no TCP behind extension headers
        sum = add_words(sum, ip.subspan(8, 32)) + word(ip, 4);
    }
    if (ip.size() < header_size + tcp_header) return std::nullopt;
    const std::uint16_t pseudo = fold(sum);
    std::uint8_t* field = &ip[header_size + tcp_checksum_offset];
    field[0] = static_cast<std::uint8_t>(pseudo >> 8);
    field[1] = static_cast<std::uint8_t>(pseudo);
    const std::size_t tcp_size = static_cast<std::size_t>(ip[header_size + tcp_offset_field] >> 4) * 4;
    return ChecksumPlace{.start = static_cast<std::uint16_t>(ethernet_header + header_size),
                         .offset = tcp_checksum_offset,
                         .header_size = static_cast<std::uint16_t>(ethernet_header + header_size + tcp_size),
                         .ipv6 = kind == Kind::ipv6};
}

bool is_fragment(std::span<const std::uint8_t> packet, bool ipv6) {
    if (packet.size() < (ipv6 ? ipv6_header : ipv4_header)) return false;
    if (ipv6) return packet[6] == ipv6_fragment_header;
    return (word(packet, 6) & 0x3FFF) != 0;  // more fragments, or an offset
}

}  // namespace tenon::net
