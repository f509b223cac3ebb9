// SPDX-License-Identifier: Apache-2.0
// Interfaces as netdevice(7) describes them.
#pragma once

#include "lwip/netif.h"

namespace tenon::posix {

[[nodiscard]] inline bool is_loopback(const netif& interface) { return interface.name[0] == 'l'; }
/// lwIP's loopback has no MTU; this is Linux's.
[[nodiscard]] inline int mtu_of(const netif& interface) { return interface.mtu != 0 ? interface.mtu : 65536; }
/// IFF_...
[[nodiscard]] unsigned flags_of(const netif& interface);

}  // namespace tenon::posix
