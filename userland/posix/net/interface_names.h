// SPDX-License-Identifier: Apache-2.0
// Names of interfaces: loopback is "lo", as on Linux; lwIP calls it "lo0".
#pragma once

#include <net/if.h>

#include "lwip/netif.h"

namespace tenon::posix {

/// Writes the name, with its end, to `name`, which has room for IF_NAMESIZE bytes.
void name_interface(const netif& interface, char* name);

/// Null: there is none. With the core lock held.
[[nodiscard]] netif* interface_by_name(const char* name);
[[nodiscard]] netif* interface_by_index(unsigned index);

/// Visits all interfaces in the order of their indices. With the core lock held.
template <typename Visit>
void for_each_interface(Visit&& visit) {
    for (unsigned index = 1; index <= UINT8_MAX; ++index)
        if (netif* interface = interface_by_index(index); interface != nullptr) visit(*interface);
}

}  // namespace tenon::posix
