// SPDX-License-Identifier: Apache-2.0
// The DNS servers that lwIP asks.
#pragma once

#include "kernel/net/address_option.h"

namespace tenon::net {

inline constexpr unsigned most_name_servers = 3;

/// Sets server number `index` (below most_name_servers), also over one from DHCP or the command line.
void set_name_server(unsigned index, const Ipv4& address);

}  // namespace tenon::net
