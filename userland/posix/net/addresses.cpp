// SPDX-License-Identifier: Apache-2.0
// Internet addresses as text, and byte order.
#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "kernel/net/address_option.h"
#include "lwip/ip_addr.h"

namespace {

struct Text {
    char bytes[INET6_ADDRSTRLEN];
    std::size_t size = 0;

    void add(char character) { bytes[size++] = character; }
    void add_number(unsigned value, unsigned base) {
        char digits[5];
        std::size_t count = 0;
        do digits[count++] = "0123456789abcdef"[value % base];
        while ((value /= base) != 0);
        while (count != 0) add(digits[--count]);
    }
    void add_ipv4(const std::uint8_t* address) {
        for (int i = 0; i < 4; ++i) {
            if (i != 0) add('.');
            add_number(address[i], 10);
        }
    }
};

struct Run {
    int begin = -1, size = 0;
};

/// The longest run of two or more groups that are 0, the first of several (RFC 5952, section 4.2).
Run longest_zeros(const std::uint16_t (&groups)[8]) {
    Run longest;
    for (int i = 0; i < 8;) {
        int end = i;
        while (end < 8 && groups[end] == 0) ++end;
        if (end - i > longest.size) longest = {i, end - i};
        i = end + 1;
    }
    return longest.size > 1 ? longest : Run{};
}

void add_ipv6(Text& text, const std::uint8_t* address) {
    std::uint16_t groups[8];
    for (int i = 0; i < 8; ++i) groups[i] = static_cast<std::uint16_t>(address[2 * i] << 8 | address[2 * i + 1]);
    const Run zeros = longest_zeros(groups);
    // RFC 5952, section 5: an embedded IPv4 address is shown as such. glibc: in compatible and mapped addresses.
    const bool holds_ipv4 = zeros.begin == 0 && (zeros.size == 6 || (zeros.size == 5 && groups[5] == 0xFFFF));
    const int count = holds_ipv4 ? 6 : 8;
    for (int i = 0; i < count; ++i) {
        if (i == zeros.begin) {
            text.add(':');
            if (zeros.begin + zeros.size >= count) text.add(':');
            i += zeros.size - 1;
            continue;
        }
        if (i != 0) text.add(':');
        text.add_number(groups[i], 16);
    }
    if (!holds_ipv4) return;
    if (text.bytes[text.size - 1] != ':') text.add(':');
    text.add_ipv4(address + 12);
}

}  // namespace

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
    Text written;
    const auto* bytes = static_cast<const std::uint8_t*>(address);
    if (family == AF_INET) {
        written.add_ipv4(bytes);
    } else if (family == AF_INET6) {
        add_ipv6(written, bytes);
    } else {
        errno = EAFNOSUPPORT;
        return nullptr;
    }
    written.add(0);
    if (written.size > size) {
        errno = ENOSPC;
        return nullptr;
    }
    return static_cast<const char*>(std::memcpy(text, written.bytes, written.size));
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
