// SPDX-License-Identifier: Apache-2.0
// Which DNS servers are asked.
#pragma once

#include "kernel/net/address_option.h"

namespace tenon::net {

inline constexpr unsigned most_name_servers = 3;

/// Puts a server into place `index` (below most_name_servers), where DHCP or the command line may have put one before.
void set_name_server(unsigned index, const Ipv4& address);

}  // namespace tenon::net
