// SPDX-License-Identifier: Apache-2.0
// Finding addresses by name and names by address, with c-ares.
#pragma once

#include <netdb.h>

#include <cstddef>
#include <span>

#include "userland/posix/net/endpoint.h"

namespace tenon::posix {

inline constexpr std::size_t most_addresses = 32;

struct FoundAddresses {
    Endpoint list[most_addresses];
    std::size_t count = 0;
    char canonical_name[NI_MAXHOST] = {};

    void add(const Endpoint& endpoint) {
        if (count < most_addresses) list[count++] = endpoint;
    }
};

/// Addresses of `host`, in the order of RFC 6724. `family`: AF_UNSPEC for both. Returns 0 or an EAI_ error: EAI_NONAME
/// (there is no such name), EAI_NODATA (it has no address of the family), EAI_AGAIN (no server answers: it may work
/// later), EAI_MEMORY.
int resolve_name(const char* host, int family, FoundAddresses& found);

/// The name of `address`. The same errors.
int resolve_address(const Endpoint& address, std::span<char> name);

}  // namespace tenon::posix
