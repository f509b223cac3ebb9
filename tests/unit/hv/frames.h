// SPDX-License-Identifier: Apache-2.0
// Raw frames as a guest may send them, right and wrong.
#pragma once

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "hv/devices/slirp/internet.h"

namespace hv::test {

using Frame = std::vector<std::byte>;

inline Frame bytes_of(std::string_view text) {
    Frame bytes(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    return bytes;
}

inline slirp::Ipv4Address address(unsigned a, unsigned b, unsigned c, unsigned d) {
    return a << 24 | b << 16 | c << 8 | d;
}

struct Ipv4Frame {
    slirp::Ipv4Address source = address(10, 0, 2, 15);
    slirp::Ipv4Address destination = address(93, 184, 216, 34);
    std::uint8_t protocol = slirp::protocol_udp;
    std::uint16_t id = 1;
    std::size_t offset = 0;
    bool more_fragments = false;
    Frame payload = Frame(8);

    [[nodiscard]] Frame frame() const {
        Frame whole(slirp::ethernet_size + slirp::ipv4_size + payload.size());
        slirp::write_ipv4(
            whole,
            {.to = {std::byte{0x52}, std::byte{0x55}, std::byte{10}, std::byte{0}, std::byte{2}, std::byte{2}},
             .from = {std::byte{2}, {}, {}, {}, {}, std::byte{1}},
             .source = source,
             .destination = destination,
             .protocol = protocol,
             .id = id,
             .offset = offset,
             .more_fragments = more_fragments},
            payload.size());
        std::ranges::copy(payload, whole.begin() + slirp::ethernet_size + slirp::ipv4_size);
        return whole;
    }
};

/// `words` are the 8 groups of the destination.
inline Frame ipv6_frame(std::array<std::uint16_t, 8> words, std::uint8_t next = slirp::protocol_tcp,
                        std::size_t payload = 20) {
    Frame whole(slirp::ethernet_size + slirp::ipv6_size + payload);
    slirp::put_16(whole, 12, slirp::ethertype_ipv6);
    const auto packet = std::span(whole).subspan(slirp::ethernet_size);
    packet[0] = std::byte{0x60};
    slirp::put_16(packet, 4, static_cast<std::uint16_t>(payload));
    packet[6] = std::byte{next};
    packet[7] = std::byte{64};
    slirp::put_16(packet, 8, 0xFEC0);
    for (std::size_t i = 0; i < words.size(); ++i) slirp::put_16(packet, 24 + 2 * i, words[i]);
    return whole;
}

/// The same with a VLAN tag (IEEE 802.1Q) of the type `tag`.
inline Frame tagged(Frame frame, std::uint16_t tag) {
    frame.insert(frame.begin() + 12, 4, std::byte{});
    slirp::put_16(frame, 12, tag);
    return frame;
}

}  // namespace hv::test
