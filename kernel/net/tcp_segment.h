// SPDX-License-Identifier: Apache-2.0
// Deciding from two TCP segments' headers whether they can travel in one frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tenon::net {

/// An Ethernet frame with one whole TCP segment that carries data, with the flags ACK, or ACK and PSH, only.
struct TcpSegment {
    std::size_t ip_offset;  ///< of the IP header in the frame
    std::size_t tcp_offset;
    std::size_t header_size;  ///< of all headers: where the payload begins
    std::size_t payload_size;
    std::uint32_t sequence;
    bool ipv6;
};

/// `head` is the frame's first part and contains all of its headers. Nothing: the frame must be sent alone.
[[nodiscard]] std::optional<TcpSegment> parse_tcp_data(std::span<const std::uint8_t> head);

/// `second` continues `first`: same connection, same acknowledgement, window and options, and the next byte of the
/// stream. `first_payload`: bytes of payload from first's sequence number on.
[[nodiscard]] bool continues(std::span<const std::uint8_t> first_head, const TcpSegment& first,
                             std::size_t first_payload, std::span<const std::uint8_t> second_head,
                             const TcpSegment& second);

/// Changes the headers in `head` to those of a segment with `payload_size` bytes, with PSH if `push`. Updates the IP
/// checksum; the TCP checksum is left to begin_tcp_checksum().
void resize_segment(std::span<std::uint8_t> head, const TcpSegment& segment, std::size_t payload_size, bool push);

/// The segment has PSH set.
[[nodiscard]] bool has_push(std::span<const std::uint8_t> head, const TcpSegment& segment);

}  // namespace tenon::net
