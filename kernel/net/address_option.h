// SPDX-License-Identifier: Apache-2.0
// Addresses on the kernel command line: ip=ADDRESS/PREFIX[,GATEWAY[,DNS...]], ip=dhcp, ip=off, and the same for ip6=.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "kernel/base/result.h"

namespace tenon::net {

/// In network byte order, as in a packet.
using Ipv4 = std::array<std::uint8_t, 4>;
using Ipv6 = std::array<std::uint8_t, 16>;

enum class AddressMode : std::uint8_t {
    automatic,  ///< IPv4: DHCP; IPv6: router advertisements (RFC 4862)
    fixed,      ///< as the option says
    off,
};

template <typename Address>
struct AddressOption {
    static constexpr std::size_t most_name_servers = 3;
    AddressMode mode = AddressMode::automatic;
    Address address{};
    std::uint8_t prefix = 0;
    bool has_gateway = false;
    Address gateway{};
    std::array<Address, most_name_servers> name_servers{};
    std::uint8_t name_server_count = 0;
};

/// Dotted decimal with four parts (RFC 6943, section 3.1.1, "strict"). Error: invalid_argument.
[[nodiscard]] Result<Ipv4> parse_ipv4(std::string_view text);
/// RFC 4291, section 2.2, without a zone. Error: invalid_argument.
[[nodiscard]] Result<Ipv6> parse_ipv6(std::string_view text);

/// The reason why a fixed address cannot work: no host can have it (network, broadcast, multicast, loopback), or its
/// gateway is outside of its network. Null: it can.
[[nodiscard]] const char* fault_of(const AddressOption<Ipv4>& option);
[[nodiscard]] const char* fault_of(const AddressOption<Ipv6>& option);

/// The value of `ip=`: "dhcp", "off", or addresses. Error: invalid_argument.
[[nodiscard]] Result<AddressOption<Ipv4>> parse_ip_option(std::string_view value);
/// The value of `ip6=`: "auto", "off", or addresses. Error: invalid_argument.
[[nodiscard]] Result<AddressOption<Ipv6>> parse_ip6_option(std::string_view value);

}  // namespace tenon::net
