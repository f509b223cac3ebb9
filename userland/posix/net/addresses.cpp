// SPDX-License-Identifier: Apache-2.0
// Internet addresses as text, and byte order.
#include <arpa/inet.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "kernel/net/address_option.h"
#include "lwip/sockets.h"

extern "C" {

const in6_addr in6addr_loopback = IN6ADDR_LOOPBACK_INIT;

int inet_aton(const char* text, in_addr* address) {
    ip4_addr_t parsed;
    if (ip4addr_aton(text, &parsed) == 0) return 0;
    if (address != nullptr) address->s_addr = parsed.addr;
    return 1;
}

in_addr_t inet_addr(const char* text) {
    in_addr address;
    return inet_aton(text, &address) != 0 ? address.s_addr : INADDR_NONE;
}

char* inet_ntoa(in_addr address) {
    static thread_local char text[INET_ADDRSTRLEN];
    const ip4_addr_t lwip{address.s_addr};
    return ip4addr_ntoa_r(&lwip, text, sizeof(text));
}

const char* inet_ntop(int family, const void* address, char* text, socklen_t size) {
    return lwip_inet_ntop(family, address, text, size);
}

// lwIP's own parser also takes what inet_aton() does ("10.1"), which POSIX forbids here.
int inet_pton(int family, const char* text, void* address) {
    if (family == AF_INET) {
        const auto parsed = tenon::net::parse_ipv4(text);
        if (parsed) std::memcpy(address, parsed->data(), parsed->size());
        return parsed ? 1 : 0;
    }
    if (family == AF_INET6) {
        const auto parsed = tenon::net::parse_ipv6(text);
        if (parsed) std::memcpy(address, parsed->data(), parsed->size());
        return parsed ? 1 : 0;
    }
    errno = EAFNOSUPPORT;
    return -1;
}

}  // extern "C"
