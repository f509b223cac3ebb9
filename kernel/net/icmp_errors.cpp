// SPDX-License-Identifier: Apache-2.0
// ICMP messages about packets that this machine sent (RFC 792, RFC 4443).
#include "kernel/net/icmp_errors.h"

#include <cstring>

#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"

namespace tenon::net {
namespace {

constexpr std::size_t icmp_header = 8, udp_header = 8, quoted_transport = 8;
using IcmpListener = void (*)(const IcmpError&);
constinit IcmpListener icmp_listener = nullptr;

std::uint16_t word(const std::byte* bytes) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) << 8 | std::to_integer<unsigned>(bytes[1]));
}
std::uint32_t long_word(const std::byte* bytes) { return std::uint32_t{word(bytes)} << 16 | word(bytes + 2); }

ip_addr_t address_v4(const std::byte* bytes) {
    ip_addr_t result{};
    std::uint32_t value;
    std::memcpy(&value, bytes, sizeof(value));
    ip_addr_set_ip4_u32_val(result, value);
    return result;
}
ip_addr_t address_v6(const std::byte* bytes) {
    ip_addr_t result{};
    IP_SET_TYPE_VAL(result, IPADDR_TYPE_V6);
    std::memcpy(ip_2_ip6(&result)->addr, bytes, sizeof(ip_2_ip6(&result)->addr));
    return result;
}

/// The quoted packet's ports. False: it is cut too short, or of another protocol.
bool read_transport(IcmpError& error, std::span<const std::byte> quoted) {
    if (error.protocol != IP_PROTO_UDP && error.protocol != IP_PROTO_TCP) return false;
    if (quoted.size() < quoted_transport) return false;
    error.source_port = word(quoted.data());
    error.destination_port = word(quoted.data() + 2);
    error.sequence = long_word(quoted.data() + 4);
    if (error.protocol == IP_PROTO_UDP) error.payload = quoted.subspan(udp_header);
    return true;
}

bool read_v4(IcmpError& error, std::span<const std::byte> packet) {
    constexpr std::uint8_t unreachable = 3, too_big_code = 4, time_exceeded = 11, parameter_problem = 12;
    if (packet.size() < IP_HLEN || packet[9] != std::byte{IP_PROTO_ICMP} || (word(&packet[6]) & 0x1FFF) != 0)
        return false;
    const std::size_t header = (std::to_integer<std::size_t>(packet[0]) & 15) * 4;
    if (header < IP_HLEN || packet.size() < header + icmp_header + IP_HLEN) return false;
    const auto icmp = packet.subspan(header);
    error.type = std::to_integer<std::uint8_t>(icmp[0]);
    error.code = std::to_integer<std::uint8_t>(icmp[1]);
    if (error.type != unreachable && error.type != time_exceeded && error.type != parameter_problem) return false;
    if (error.type == unreachable && error.code == too_big_code) error.information = word(&icmp[6]);
    error.offender = address_v4(&packet[12]);
    const auto ours = icmp.subspan(icmp_header);
    const std::size_t our_header = (std::to_integer<std::size_t>(ours[0]) & 15) * 4;
    if (our_header < IP_HLEN || ours.size() < our_header) return false;
    error.source = address_v4(&ours[12]);
    error.destination = address_v4(&ours[16]);
    error.protocol = std::to_integer<std::uint8_t>(ours[9]);
    return read_transport(error, ours.subspan(our_header));
}

bool read_v6(IcmpError& error, std::span<const std::byte> packet) {
    constexpr std::uint8_t too_big = 2, last_error = 127;
    if (packet.size() < IP6_HLEN + icmp_header + IP6_HLEN || packet[6] != std::byte{IP6_NEXTH_ICMP6}) return false;
    const auto icmp = packet.subspan(IP6_HLEN);
    error.type = std::to_integer<std::uint8_t>(icmp[0]);
    error.code = std::to_integer<std::uint8_t>(icmp[1]);
    if (error.type == 0 || error.type > last_error) return false;
    if (error.type == too_big) error.information = long_word(&icmp[4]);
    error.offender = address_v6(&packet[8]);
    const auto ours = icmp.subspan(icmp_header);
    error.source = address_v6(&ours[8]);
    error.destination = address_v6(&ours[24]);
    error.protocol = std::to_integer<std::uint8_t>(ours[6]);
    return read_transport(error, ours.subspan(IP6_HLEN));
}

}  // namespace

void set_icmp_listener(void (*listener)(const IcmpError& error)) { icmp_listener = listener; }

void look_for_icmp_error(const pbuf& packet, bool v6) {
    if (icmp_listener == nullptr) return;
    IcmpError error{};
    error.v6 = v6;
    const std::span bytes(static_cast<const std::byte*>(packet.payload), packet.len);
    if (v6 ? read_v6(error, bytes) : read_v4(error, bytes)) icmp_listener(error);
}

}  // namespace tenon::net
