// SPDX-License-Identifier: Apache-2.0
// One end of a communication: an Internet address and a port, between POSIX's sockaddr and lwIP's ip_addr_t.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

#include "lwip/ip_addr.h"
#include "userland/posix/errno_result.h"

struct netif;

namespace tenon::posix {

/// `address` is of type IPADDR_TYPE_V4 or _V6, or IPADDR_TYPE_ANY for the wildcard of both families. An IPv4-mapped
/// IPv6 address is an IPv4 address here: it becomes a mapped one again when a socket of AF_INET6 shows it.
struct Endpoint {
    ip_addr_t address;
    std::uint16_t port;  ///< host byte order

    [[nodiscard]] bool is_any() const { return ip_addr_isany_val(address); }
    [[nodiscard]] bool is_v4() const { return IP_IS_V4_VAL(address); }
    [[nodiscard]] bool is_multicast() const { return ip_addr_ismulticast(&address); }
};

/// The wildcard address of a socket's family: IPADDR_TYPE_ANY for an AF_INET6 socket that takes IPv4 too.
[[nodiscard]] Endpoint wildcard(int family, bool v6_only);

/// The endpoint that `address` names, for a socket of `family`. Errors: EFAULT, EINVAL (too short), EAFNOSUPPORT
/// (another family).
[[nodiscard]] Outcome<Endpoint> read_endpoint(const sockaddr* address, socklen_t size, int family);

/// Fills `address`, as far as `*size` reaches, as a socket of `family` sees it; `*size` becomes the whole size (POSIX,
/// getsockname). Nothing where `address` or `size` is null. Error: EINVAL (a negative size).
Outcome<> write_endpoint(const Endpoint& endpoint, int family, sockaddr* address, socklen_t* size);

/// The same into a buffer that is large enough; returns the size.
socklen_t store_endpoint(const Endpoint& endpoint, int family, sockaddr_storage& storage);

/// Some interface has this address, or it belongs to loopback (all of 127/8: RFC 1122, section 3.2.1.3). With the core
/// lock held.
[[nodiscard]] bool is_own_address(const ip_addr_t& address);

/// The interface by which `to` is reached, or null. lwIP uses a machine's only interface for all destinations; loopback
/// leads only to this machine. With the core lock held.
[[nodiscard]] netif* route_to(const ip_addr_t& from, const ip_addr_t& to);

[[nodiscard]] in6_addr to_in6(const ip_addr_t& address);
[[nodiscard]] ip_addr_t from_in6(const in6_addr& address);

}  // namespace tenon::posix
