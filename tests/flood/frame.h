// SPDX-License-Identifier: Apache-2.0
// Frames that no kernel sends, byte by byte.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flood {

using Bytes = std::vector<std::uint8_t>;
using Mac = std::array<std::uint8_t, 6>;

/// Appends integers in network order, and other bytes.
class Writer {
public:
    Writer& u8(unsigned value);
    Writer& u16(unsigned value);
    Writer& u32(std::uint32_t value);
    Writer& bytes(const void* data, std::size_t size);
    Writer& fill(std::size_t size);
    [[nodiscard]] const Bytes& done() const { return bytes_; }

private:
    Bytes bytes_;
};

/// RFC 1071 over `bytes`, to which `sum` adds.
std::uint16_t checksum(const Bytes& bytes, std::uint32_t sum = 0);

/// Addresses in host order.
struct Ipv4Header {
    std::uint32_t from, to;
    unsigned protocol;
    unsigned identification = 0;
    unsigned fragment = 0;  // flags and offset
    unsigned lifetime = 64;
};
Bytes ipv4(const Ipv4Header& header, const Bytes& payload);

struct Ipv6Header {
    in6_addr from, to;
    unsigned next;
    unsigned hop_limit = 64;
};
Bytes ipv6(const Ipv6Header& header, const Bytes& payload);
/// With its checksum, which is the two bytes at `place` of the payload.
Bytes ipv6_checked(const Ipv6Header& header, Bytes payload, std::size_t place);

Bytes ethernet(const Mac& from, const Mac& to, unsigned type, const Bytes& payload);

in6_addr address6(std::string_view text);
/// `prefix` with its last four bytes replaced.
in6_addr address6(std::string_view prefix, std::uint32_t last);
std::uint32_t address4(const std::string& text);
Mac mac_of(std::uint32_t number);

}  // namespace flood
