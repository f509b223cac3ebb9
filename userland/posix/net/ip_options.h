// SPDX-License-Identifier: Apache-2.0
// Options of IPPROTO_IP and IPPROTO_IPV6 (ip(7), ipv6(7)).
#pragma once

#include "userland/posix/net/socket.h"

namespace tenon::posix {

/// With the core lock held. Errors: ENOPROTOOPT, EINVAL, ENODEV, EADDRNOTAVAIL, EADDRINUSE.
Outcome<> set_ip_option(Socket& socket, SocketOptions& options, int level, int option, int value,
                        std::span<const std::byte> bytes);
Outcome<> get_ip_option(Socket& socket, SocketOptions& options, int level, int option, OptionValue& value);

/// Groups that the socket has joined are left when it is closed.
Outcome<> join_group(Socket& socket, const ip_addr_t& group, std::uint8_t interface);
Outcome<> leave_group(Socket& socket, const ip_addr_t& group, std::uint8_t interface);
[[nodiscard]] bool is_member(const Socket& socket, const ip_addr_t& group, std::uint8_t interface);
void leave_all_groups(Socket& socket);

}  // namespace tenon::posix
