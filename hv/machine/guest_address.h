// SPDX-License-Identifier: Apache-2.0
// Static addresses of a guest: what `--ip` and the kernel options ip= and ip6= may say.
#pragma once

#include <string>
#include <string_view>

#include "hv/core/error.h"

namespace hv {

struct StaticAddress {
    bool is_ipv6;
    std::string address;  ///< without its prefix length
};

/// "ADDRESS/PREFIX[,GATEWAY[,DNS...]]", all of one family, at most three name servers; an empty gateway is none.
/// Errors: usage, with the reason: what is no address, and what cannot be a host's (network, broadcast, multicast,
/// loopback and unspecified addresses), and a gateway that the host could not reach.
Result<StaticAddress> parse_guest_address(std::string_view text);

}  // namespace hv
