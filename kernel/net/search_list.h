// SPDX-License-Identifier: Apache-2.0
// The domains in which short names are looked up, as DHCP servers and routers tell them.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "kernel/net/domain_names.h"

namespace tenon::net {

/// As many as classic resolvers take (resolv.conf(5)); further ones are ignored.
inline constexpr std::size_t most_search_domains = 6;

struct SearchList {
    std::array<DomainName, most_search_domains> domains;
    std::size_t count = 0;
};

/// Writes the list of now: the domains of the last DHCP lease that named some (option 119, else 15), then those of
/// router advertisements whose lifetime is not over. From any thread without the core lock.
void get_search_list(SearchList& list);

}  // namespace tenon::net
