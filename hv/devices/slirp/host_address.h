// SPDX-License-Identifier: Apache-2.0
// Addresses that mean the host itself to whoever sends to them from it.
#pragma once

#include "hv/devices/slirp/internet.h"

namespace hv::slirp {

/// Loopback and "this host" (RFC 1122, section 3.2.1.3): no frame on a network has them as a destination, and a socket
/// of the host that is connected to one reaches the host's own services.
[[nodiscard]] bool means_host(Ipv4Address address);
/// The same of IPv6 (RFC 4291, section 2.5), and of every form that carries an IPv4 address in it; multicast of the
/// interface's own scope.
[[nodiscard]] bool means_host(const Ipv6Address& address);

}  // namespace hv::slirp
