// SPDX-License-Identifier: Apache-2.0
#include "frame.h"

#include <arpa/inet.h>

#include <cstring>

namespace flood {

Writer& Writer::u8(unsigned value) {
    bytes_.push_back(static_cast<std::uint8_t>(value));
    return *this;
}
Writer& Writer::u16(unsigned value) { return u8(value >> 8).u8(value); }
Writer& Writer::u32(std::uint32_t value) { return u16(value >> 16).u16(value); }
Writer& Writer::bytes(const void* data, std::size_t size) {
    const auto* begin = static_cast<const std::uint8_t*>(data);
    bytes_.insert(bytes_.end(), begin, begin + size);
    return *this;
}
Writer& Writer::fill(std::size_t size) {
    bytes_.resize(bytes_.size() + size);
    return *this;
}

std::uint16_t checksum(const Bytes& bytes, std::uint32_t sum) {
    for (std::size_t i = 0; i < bytes.size(); ++i) sum += i % 2 == 0 ? bytes[i] * 256u : bytes[i];
    while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

namespace {

Bytes ipv4_header(const Ipv4Header& header, std::size_t size, unsigned sum) {
    return Writer()
        .u16(0x4500)
        .u16(static_cast<unsigned>(20 + size))
        .u16(header.identification)
        .u16(header.fragment)
        .u8(header.lifetime)
        .u8(header.protocol)
        .u16(sum)
        .u32(header.from)
        .u32(header.to)
        .done();
}

Bytes joined(Bytes first, const Bytes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

}  // namespace

Bytes ipv4(const Ipv4Header& header, const Bytes& payload) {
    const unsigned sum = checksum(ipv4_header(header, payload.size(), 0));
    return joined(ipv4_header(header, payload.size(), sum), payload);
}

Bytes ipv6(const Ipv6Header& header, const Bytes& payload) {
    return Writer()
        .u32(0x6000'0000)
        .u16(static_cast<unsigned>(payload.size()))
        .u8(header.next)
        .u8(header.hop_limit)
        .bytes(&header.from, sizeof(header.from))
        .bytes(&header.to, sizeof(header.to))
        .bytes(payload.data(), payload.size())
        .done();
}

Bytes ipv6_checked(const Ipv6Header& header, Bytes payload, std::size_t place) {
    const Bytes pseudo = Writer()
                             .bytes(&header.from, sizeof(header.from))
                             .bytes(&header.to, sizeof(header.to))
                             .u32(static_cast<std::uint32_t>(payload.size()))
                             .u32(header.next)
                             .done();
    const std::uint16_t sum = checksum(payload, static_cast<std::uint16_t>(~checksum(pseudo)));
    payload[place] = static_cast<std::uint8_t>(sum >> 8);
    payload[place + 1] = static_cast<std::uint8_t>(sum);
    return ipv6(header, payload);
}

Bytes ethernet(const Mac& from, const Mac& to, unsigned type, const Bytes& payload) {
    return Writer()
        .bytes(to.data(), to.size())
        .bytes(from.data(), from.size())
        .u16(type)
        .bytes(payload.data(), payload.size())
        .done();
}

in6_addr address6(std::string_view text) {
    in6_addr result{};
    inet_pton(AF_INET6, std::string(text).c_str(), &result);
    return result;
}

in6_addr address6(std::string_view prefix, std::uint32_t last) {
    in6_addr result = address6(prefix);
    const std::uint32_t ordered = htonl(last);
    std::memcpy(&result.s6_addr[12], &ordered, sizeof(ordered));
    return result;
}

std::uint32_t address4(const std::string& text) {
    in_addr result{};
    inet_pton(AF_INET, text.c_str(), &result);
    return ntohl(result.s_addr);
}

Mac mac_of(std::uint32_t number) {
    return {0x02,
            0x66,
            static_cast<std::uint8_t>(number >> 24),
            static_cast<std::uint8_t>(number >> 16),
            static_cast<std::uint8_t>(number >> 8),
            static_cast<std::uint8_t>(number)};
}

}  // namespace flood
