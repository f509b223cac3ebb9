// SPDX-License-Identifier: Apache-2.0
// Looking at a guest's frames.
#include "hv/devices/slirp/frame_filter.h"

#include <algorithm>

#include "hv/devices/slirp/host_address.h"

namespace hv::slirp {

namespace {

/// Whether the IPv6 packet may pass.
bool admits_ipv6(Bytes frame) {
    if (frame.size() < ethernet_size + ipv6_size) return false;
    const Bytes packet = frame.subspan(ethernet_size);
    const std::size_t size = get_16(packet, 4);
    if (static_cast<std::uint8_t>(packet[0]) >> 4 != 6 || size > packet.size() - ipv6_size) return false;
    const auto next = static_cast<std::uint8_t>(packet[6]);
    if (next != protocol_tcp && next != protocol_udp && next != protocol_icmpv6) return false;
    Ipv6Address destination;
    std::ranges::transform(packet.subspan(24, destination.size()), destination.begin(),
                           [](std::byte byte) { return static_cast<std::uint8_t>(byte); });
    return !means_host(destination);
}

}  // namespace

std::optional<FrameKind> admit(Bytes frame) {
    if (frame.size() < ethernet_size) return std::nullopt;
    switch (get_16(frame, 12)) {
        case ethertype_arp: return FrameKind::arp;
        case ethertype_ipv4: {
            const auto packet = read_ipv4(frame);
            if (!packet || means_host(packet->destination)) return std::nullopt;
            if (packet->protocol != protocol_tcp && packet->protocol != protocol_udp &&
                packet->protocol != protocol_icmp)
                return std::nullopt;
            return packet->is_fragment() ? FrameKind::ipv4_fragment : FrameKind::ipv4;
        }
        case ethertype_ipv6:
            if (!admits_ipv6(frame)) return std::nullopt;
            return FrameKind::ipv6;
        default: return std::nullopt;
    }
}

}  // namespace hv::slirp
