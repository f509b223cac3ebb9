// SPDX-License-Identifier: Apache-2.0
// The stack's part of a checksum that the device completes (virtio 1.2, section 5.1.6.2; RFC 793, RFC 8200 8.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tenon::net {

/// From where the device sums, in bytes from the frame's start; and where it stores the sum, in bytes from `start`.
struct ChecksumPlace {
    std::uint16_t start;
    std::uint16_t offset;
    std::uint16_t header_size;  ///< of all headers: where the payload begins
    bool ipv6;
};

/// Adds big-endian 16-bit words to `sum`; an odd last byte counts as the upper half of a word.
[[nodiscard]] constexpr std::uint32_t add_words(std::uint32_t sum, std::span<const std::uint8_t> bytes) {
    std::size_t i = 0;
    for (; i + 1 < bytes.size(); i += 2) sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
    if (i < bytes.size()) sum += static_cast<std::uint32_t>(bytes[i] << 8);
    return sum;
}
/// One's complement sum of 16 bits (RFC 1071).
[[nodiscard]] constexpr std::uint16_t fold(std::uint32_t sum) {
    while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

/// If the Ethernet frame that begins with `head` carries a whole TCP segment, stores the pseudo-header's sum in its
/// checksum field, and returns where the device has to sum. `head` contains at least the headers. Other frames stay as
/// they are: the stack makes their checksums, because their datagrams may be sent in fragments.
[[nodiscard]] std::optional<ChecksumPlace> begin_tcp_checksum(std::span<std::uint8_t> head);

/// The IP packet is a fragment of a datagram: a device cannot verify or complete its checksum.
[[nodiscard]] bool is_fragment(std::span<const std::uint8_t> packet, bool ipv6);

}  // namespace tenon::net
