// SPDX-License-Identifier: Apache-2.0
// ICMP messages about packets that this machine sent. lwIP itself answers echo requests and ignores errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "lwip/ip_addr.h"
#include "lwip/pbuf.h"

namespace tenon::net {

/// A message, and the part of our packet that it quotes. None of it is authenticated.
struct IcmpError {
    bool v6;
    std::uint8_t type, code;
    std::uint32_t information;      ///< the next hop's MTU of "too big", else 0
    ip_addr_t offender;             ///< who says so
    ip_addr_t source, destination;  ///< of our packet
    std::uint8_t protocol;
    std::uint16_t source_port, destination_port;
    std::uint32_t sequence;              ///< of TCP
    std::span<const std::byte> payload;  ///< behind the UDP header; in the message itself
};

/// Called with the core lock held. One listener; null: none.
void set_icmp_listener(void (*listener)(const IcmpError& error));

/// From the hooks: `packet` begins with its IP header.
void look_for_icmp_error(const pbuf& packet, bool v6);

}  // namespace tenon::net
