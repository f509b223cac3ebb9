// SPDX-License-Identifier: Apache-2.0
// Reading segments, and making resets.
#include "hv/devices/slirp/tcp_segment.h"

#include <algorithm>

namespace hv::slirp {

namespace {

constexpr std::size_t tcp_size = 20;

/// TCP's header and what follows.
std::optional<Bytes> tcp_part(Bytes frame, FrameKind kind) {
    if (kind == FrameKind::ipv4) {
        const auto packet = read_ipv4(frame);
        if (!packet || packet->protocol != protocol_tcp) return std::nullopt;
        return packet->payload(frame);
    }
    if (kind != FrameKind::ipv6 || frame.size() < ethernet_size + ipv6_size) return std::nullopt;
    const Bytes packet = frame.subspan(ethernet_size);
    const std::size_t size = get_16(packet, 4);
    if (packet[6] != std::byte{protocol_tcp} || size > packet.size() - ipv6_size) return std::nullopt;
    return packet.subspan(ipv6_size, size);
}

/// Both addresses, the source first.
Bytes addresses_of(Bytes frame, FrameKind kind) {
    return kind == FrameKind::ipv4 ? frame.subspan(ethernet_size + 12, 8) : frame.subspan(ethernet_size + 8, 32);
}

bool are_swapped(Bytes one, Bytes other) {
    const std::size_t half = one.size() / 2;
    return one.size() == other.size() && std::ranges::equal(one.first(half), other.subspan(half)) &&
           std::ranges::equal(one.subspan(half), other.first(half));
}

}  // namespace

std::optional<TcpSegment> read_tcp(Bytes frame, FrameKind kind) {
    const auto part = tcp_part(frame, kind);
    if (!part || part->size() < tcp_size) return std::nullopt;
    const std::uint16_t flags = get_16(*part, 12);
    const std::size_t header_size = static_cast<std::size_t>(flags >> 12) * 4;
    if (header_size < tcp_size || header_size > part->size()) return std::nullopt;
    return TcpSegment{.at = static_cast<std::size_t>(part->data() - frame.data()),
                      .from_port = get_16(*part, 0),
                      .to_port = get_16(*part, 2),
                      .sequence = get_32(*part, 4),
                      .acknowledgement = get_32(*part, 8),
                      .flags = static_cast<std::uint8_t>(flags & 0xFF),
                      .data_size = part->size() - header_size};
}

std::vector<std::byte> make_reset(Bytes frame, FrameKind kind, const TcpSegment& segment, std::uint32_t sequence) {
    std::vector<std::byte> reset(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(segment.at + tcp_size));
    const std::span<std::byte> packet = std::span(reset).subspan(ethernet_size);
    const std::span<std::byte> tcp = std::span(reset).subspan(segment.at);
    put_32(tcp, 4, sequence);
    put_16(tcp, 12, static_cast<std::uint16_t>(tcp_size / 4 << 12 | tcp_rst));
    put_16(tcp, 16, 0);
    std::uint64_t sum = protocol_tcp + tcp_size;
    if (kind == FrameKind::ipv4) {
        put_16(packet, 2, static_cast<std::uint16_t>(packet.size()));
        put_16(packet, 10, 0);
        put_16(packet, 10, internet_checksum(packet.first(packet.size() - tcp_size)));
    } else {
        put_16(packet, 4, tcp_size);
    }
    const Bytes addresses = addresses_of(reset, kind);
    for (std::size_t at = 0; at < addresses.size(); at += 2) sum += get_16(addresses, at);
    put_16(tcp, 16, internet_checksum(tcp, sum));
    return reset;
}

void ClosingConnections::sent_to_guest(Bytes frame) {
    if (frame.size() < ethernet_size) return;
    const FrameKind kind = get_16(frame, 12) == ethertype_ipv4 ? FrameKind::ipv4 : FrameKind::ipv6;
    const auto segment = read_tcp(frame, kind);
    if (!segment || !segment->has(tcp_fin)) return;
    if (closing_.size() == most) closing_.pop_front();
    const Bytes addresses = addresses_of(frame, kind);
    closing_.push_back({.addresses = {addresses.begin(), addresses.end()},
                        .other_port = segment->from_port,
                        .guest_port = segment->to_port,
                        .end = segment->end()});
}

void ClosingConnections::taken_from_guest(Bytes frame, FrameKind kind, const TcpSegment& segment,
                                          std::uint64_t now_ms) {
    if (!segment.has(tcp_fin) || !segment.has(tcp_ack)) return;
    const auto found = std::ranges::find_if(closing_, [&](const Closing& closing) {
        return closing.guest_port == segment.from_port && closing.other_port == segment.to_port &&
               closing.end == segment.acknowledgement && are_swapped(closing.addresses, addresses_of(frame, kind));
    });
    if (found == closing_.end()) return;
    closing_.erase(found);
    if (over_.size() == most) over_.pop_front();
    over_.push_back({.reset = make_reset(frame, kind, segment, segment.end()), .since_ms = now_ms});
}

std::vector<std::byte> ClosingConnections::forget_one(std::uint64_t now_ms) {
    while (!over_.empty() && now_ms - over_.front().since_ms >= most_ms) over_.pop_front();
    if (over_.empty() || now_ms - over_.front().since_ms < least_ms) return {};
    std::vector<std::byte> reset = std::move(over_.front().reset);
    over_.pop_front();
    return reset;
}

}  // namespace hv::slirp
