// SPDX-License-Identifier: Apache-2.0
// Ethernet and IP headers in frames (RFC 894, RFC 791, RFC 8200), which may hold anything.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hv::slirp {

using Bytes = std::span<const std::byte>;
using Ipv4Address = std::uint32_t;  ///< in the order of the host: 127.0.0.1 is 0x7F000001
using Ipv6Address = std::array<std::uint8_t, 16>;
using Mac = std::array<std::byte, 6>;

inline constexpr std::size_t ethernet_size = 14;
inline constexpr std::size_t ipv4_size = 20;  ///< without options
inline constexpr std::size_t ipv6_size = 40;
inline constexpr std::size_t udp_size = 8;

inline constexpr std::uint16_t ethertype_ipv4 = 0x0800;
inline constexpr std::uint16_t ethertype_arp = 0x0806;
inline constexpr std::uint16_t ethertype_ipv6 = 0x86DD;
inline constexpr std::uint8_t protocol_icmp = 1, protocol_tcp = 6, protocol_udp = 17, protocol_icmpv6 = 58;

/// Fields in the order of the network. `bytes` holds them.
[[nodiscard]] std::uint16_t get_16(Bytes bytes, std::size_t offset);
[[nodiscard]] std::uint32_t get_32(Bytes bytes, std::size_t offset);
void put_16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value);
void put_32(std::span<std::byte> bytes, std::size_t offset, std::uint32_t value);

/// The Internet checksum (RFC 1071), in the order of the network; `sum` is what is added to the bytes.
[[nodiscard]] std::uint16_t internet_checksum(Bytes bytes, std::uint64_t sum = 0);
/// The sum of the pseudo header of TCP and UDP over IPv4.
[[nodiscard]] std::uint64_t pseudo_header_sum(Ipv4Address from, Ipv4Address to, std::uint8_t protocol,
                                              std::size_t size);

/// An IPv4 packet in an Ethernet frame, as its header has it: the sizes fit the frame.
struct Ipv4Packet {
    std::size_t header_size;
    std::size_t total_size;  ///< header and payload
    std::uint16_t id;
    std::size_t offset;  ///< of a fragment, in bytes
    bool more_fragments;
    std::uint8_t protocol;
    Ipv4Address source, destination;

    [[nodiscard]] bool is_fragment() const { return offset != 0 || more_fragments; }
    /// Behind the header, in the frame that it was read from.
    [[nodiscard]] Bytes payload(Bytes frame) const {
        return frame.subspan(ethernet_size + header_size, total_size - header_size);
    }
};

/// Nothing: it is not one.
[[nodiscard]] std::optional<Ipv4Packet> read_ipv4(Bytes frame);

/// Ethernet's and IPv4's headers, without options, for a packet with `payload_size` bytes behind them.
struct Ipv4Headers {
    Mac to, from;
    Ipv4Address source, destination;
    std::uint8_t protocol;
    std::uint16_t id = 0;
    std::size_t offset = 0;
    bool more_fragments = false;
};
void write_ipv4(std::span<std::byte> frame, const Ipv4Headers& headers, std::size_t payload_size);

}  // namespace hv::slirp
