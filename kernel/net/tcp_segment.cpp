// SPDX-License-Identifier: Apache-2.0
// Deciding from two TCP segments' headers whether they can travel in one frame.
#include "kernel/net/tcp_segment.h"

#include <algorithm>

#include "kernel/net/partial_checksum.h"

namespace tenon::net {
namespace {

constexpr std::size_t ethernet_header = 14, ipv4_header = 20, ipv6_header = 40, tcp_header = 20;
constexpr std::uint8_t protocol_tcp = 6;
constexpr std::uint8_t flag_push = 0x08, flag_ack = 0x10;
// Offsets in the TCP header (RFC 9293, section 3.1).
constexpr std::size_t tcp_sequence = 4, tcp_acknowledgement = 8, tcp_offset_field = 12, tcp_flags = 13, tcp_window = 14,
                      tcp_urgent = 18;

std::uint16_t word(std::span<const std::uint8_t> bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}
void put_word(std::span<std::uint8_t> bytes, std::size_t offset, std::size_t value) {
    bytes[offset] = static_cast<std::uint8_t>(value >> 8);
    bytes[offset + 1] = static_cast<std::uint8_t>(value);
}

bool same(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other, std::size_t begin, std::size_t end) {
    return std::equal(one.begin() + static_cast<std::ptrdiff_t>(begin), one.begin() + static_cast<std::ptrdiff_t>(end),
                      other.begin() + static_cast<std::ptrdiff_t>(begin));
}

}  // namespace

std::optional<TcpSegment> parse_tcp_data(std::span<const std::uint8_t> head) {
    if (head.size() < ethernet_header + ipv4_header + tcp_header || is_fragment(head)) return std::nullopt;
    TcpSegment segment{};
    segment.ip_offset = ethernet_header;
    std::size_t ip_payload;
    const auto ip = head.subspan(ethernet_header);
    switch (word(head, 12)) {
        case 0x0800:
            // Without options: lwIP sends none with TCP.
            if (ip[0] != 0x45 || ip[9] != protocol_tcp || word(ip, 2) < ipv4_header) return std::nullopt;
            segment.tcp_offset = ethernet_header + ipv4_header;
            ip_payload = word(ip, 2) - ipv4_header;
            break;
        case 0x86DD:
            if (head.size() < ethernet_header + ipv6_header + tcp_header || ip[6] != protocol_tcp) return std::nullopt;
            segment.tcp_offset = ethernet_header + ipv6_header;
            ip_payload = word(ip, 4);
            segment.ipv6 = true;
            break;
        default: return std::nullopt;
    }
    const auto tcp = head.subspan(segment.tcp_offset);
    const std::size_t tcp_size = static_cast<std::size_t>(tcp[tcp_offset_field] >> 4) * 4;
    if (tcp_size < tcp_header || tcp_size >= ip_payload || tcp_size > tcp.size()) return std::nullopt;
    if ((tcp[tcp_flags] & ~flag_push) != flag_ack || (tcp[tcp_offset_field] & 0x0F) != 0) return std::nullopt;
    segment.header_size = segment.tcp_offset + tcp_size;
    segment.payload_size = ip_payload - tcp_size;
    segment.sequence = static_cast<std::uint32_t>(word(tcp, tcp_sequence)) << 16 | word(tcp, tcp_sequence + 2);
    return segment;
}

bool continues(std::span<const std::uint8_t> first_head, const TcpSegment& first, std::size_t first_payload,
               std::span<const std::uint8_t> second_head, const TcpSegment& second) {
    if (first.ipv6 != second.ipv6 || first.header_size != second.header_size) return false;
    if (second.sequence != first.sequence + static_cast<std::uint32_t>(first_payload)) return false;
    const std::size_t ip = first.ip_offset, tcp = first.tcp_offset;
    // All but lengths, the IPv4 identification and checksum, the sequence number, flags and the TCP checksum must
    // match.
    const bool same_network =
        first.ipv6 ? same(first_head, second_head, ip, ip + 4) && same(first_head, second_head, ip + 6, tcp)
                   : same(first_head, second_head, ip, ip + 2) && same(first_head, second_head, ip + 6, ip + 10) &&
                         same(first_head, second_head, ip + 12, tcp);
    return same_network && same(first_head, second_head, 0, ip) &&
           same(first_head, second_head, tcp, tcp + tcp_sequence) &&
           same(first_head, second_head, tcp + tcp_acknowledgement, tcp + tcp_flags) &&
           same(first_head, second_head, tcp + tcp_window, tcp + tcp_window + 2) &&
           same(first_head, second_head, tcp + tcp_urgent, first.header_size);
}

void resize_segment(std::span<std::uint8_t> head, const TcpSegment& segment, std::size_t payload_size, bool push) {
    const std::size_t tcp_size = segment.header_size - segment.tcp_offset + payload_size;
    if (push) head[segment.tcp_offset + tcp_flags] |= flag_push;
    const auto ip = head.subspan(segment.ip_offset);
    if (segment.ipv6) {
        put_word(ip, 4, tcp_size);
        return;
    }
    put_word(ip, 2, ipv4_header + tcp_size);
    put_word(ip, 10, 0);
    put_word(ip, 10, static_cast<std::uint16_t>(~fold(add_words(0, ip.first(ipv4_header)))));
}

bool has_push(std::span<const std::uint8_t> head, const TcpSegment& segment) {
    return (head[segment.tcp_offset + tcp_flags] & flag_push) != 0;
}

}  // namespace tenon::net
