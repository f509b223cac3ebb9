// SPDX-License-Identifier: Apache-2.0
// Loopback, in all its spellings.
#include "hv/devices/slirp/host_address.h"

#include <algorithm>
#include <initializer_list>

namespace hv::slirp {

namespace {

bool begins_with(const Ipv6Address& address, std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

Ipv4Address embedded_at(const Ipv6Address& address, std::size_t offset) {
    return get_32(std::as_bytes(std::span(address)), offset);
}

}  // namespace

bool means_host(Ipv4Address address) { return address >> 24 == 127 || address >> 24 == 0; }

bool means_host(const Ipv6Address& address) {
    // ff01::/16 and the like stay within the interface (RFC 4291, section 2.7); scope 0 is reserved.
    if (address[0] == 0xFF) return (address[1] & 0xF) <= 1;
    // ::/96: unspecified, loopback, and IPv4-compatible addresses, which nothing uses any more.
    if (begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})) return true;
    // ::ffff:0:0/96, IPv4-mapped: to a socket it is that IPv4 address, and on a network it has no place (RFC 4942,
    // section 2.2).
    if (begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return true;
    // ::ffff:0:a.b.c.d, IPv4-translated (RFC 2765).
    if (begins_with(address, {0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0})) return means_host(embedded_at(address, 12));
    // 64:ff9b::/96 (RFC 6052), and the forms that 64:ff9b:1::/48 may have (RFC 8215).
    if (begins_with(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))
        return means_host(embedded_at(address, 12));
    if (begins_with(address, {0, 0x64, 0xFF, 0x9B, 0, 1})) {
        const Ipv4Address split =
            static_cast<Ipv4Address>(address[6]) << 24 | address[7] << 16 | address[9] << 8 | address[10];
        return means_host(split) || means_host(embedded_at(address, 12));
    }
    // 2002::/16, 6to4 (RFC 3056).
    if (begins_with(address, {0x20, 0x02})) return means_host(embedded_at(address, 2));
    return false;
}

}  // namespace hv::slirp
