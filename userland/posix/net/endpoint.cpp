// SPDX-License-Identifier: Apache-2.0
// One end of a communication, between POSIX's sockaddr and lwIP's ip_addr_t.
#include "userland/posix/net/endpoint.h"

#include <algorithm>
#include <cstring>

#include "lwip/ip.h"
#include "lwip/netif.h"
#include "userland/posix/net/interface_control.h"
#include "userland/posix/net/interface_flags.h"

namespace tenon::posix {
namespace {

constexpr std::uint32_t mapped_prefix = PP_HTONL(0xFFFF);
/// An address of RFC 2133 has no scope: Linux takes it too.
constexpr socklen_t smallest_in6 = offsetof(sockaddr_in6, sin6_scope_id);

Outcome<Endpoint> read_v4(const sockaddr* address, socklen_t size) {
    sockaddr_in four;
    if (size < sizeof(four)) return fail_with(EINVAL);
    std::memcpy(&four, address, sizeof(four));
    Endpoint result{};
    ip_addr_set_ip4_u32_val(result.address, four.sin_addr.s_addr);
    result.port = ntohs(four.sin_port);
    return result;
}

Outcome<Endpoint> read_v6(const sockaddr* address, socklen_t size) {
    sockaddr_in6 six{};
    if (size < smallest_in6) return fail_with(EINVAL);
    std::memcpy(&six, address, std::min<std::size_t>(size, sizeof(six)));
    Endpoint result{from_in6(six.sin6_addr), ntohs(six.sin6_port)};
    if (IP_IS_V6_VAL(result.address) && ip6_addr_has_scope(ip_2_ip6(&result.address), IP6_UNKNOWN))
        ip6_addr_set_zone(ip_2_ip6(&result.address), interface_index(six.sin6_scope_id));
    return result;
}

}  // namespace

in6_addr to_in6(const ip_addr_t& address) {
    in6_addr result{};
    if (IP_IS_V6_VAL(address)) {
        std::memcpy(&result, ip_2_ip6(&address)->addr, sizeof(result));
    } else if (IP_IS_V4_VAL(address)) {
        result.s6_addr32[2] = mapped_prefix;
        result.s6_addr32[3] = ip_2_ip4(&address)->addr;
    }
    return result;
}

ip_addr_t from_in6(const in6_addr& address) {
    ip_addr_t result{};
    if (address.s6_addr32[0] == 0 && address.s6_addr32[1] == 0 && address.s6_addr32[2] == mapped_prefix) {
        ip_addr_set_ip4_u32_val(result, address.s6_addr32[3]);
    } else {
        IP_SET_TYPE_VAL(result, IPADDR_TYPE_V6);
        std::memcpy(ip_2_ip6(&result)->addr, &address, sizeof(address));
    }
    return result;
}

Endpoint wildcard(int family, bool v6_only) {
    Endpoint result{};
    IP_SET_TYPE_VAL(result.address, family == AF_INET ? IPADDR_TYPE_V4 : v6_only ? IPADDR_TYPE_V6 : IPADDR_TYPE_ANY);
    return result;
}

Outcome<Endpoint> read_endpoint(const sockaddr* address, socklen_t size, int family) {
    if (address == nullptr) return fail_with(EFAULT);
    if (size < sizeof(address->sa_family) || size > sizeof(sockaddr_storage)) return fail_with(EINVAL);
    sa_family_t given;
    std::memcpy(&given, &address->sa_family, sizeof(given));
    if (given != family) {
        // Linux looks at the size before the family.
        const socklen_t wanted = family == AF_INET ? socklen_t{sizeof(sockaddr_in)} : smallest_in6;
        return fail_with(size < wanted ? EINVAL : EAFNOSUPPORT);
    }
    return family == AF_INET ? read_v4(address, size) : read_v6(address, size);
}

socklen_t store_endpoint(const Endpoint& endpoint, int family, sockaddr_storage& storage) {
    std::memset(&storage, 0, sizeof(storage));
    if (family == AF_INET) {
        auto& four = reinterpret_cast<sockaddr_in&>(storage);
        four.sin_family = AF_INET;
        four.sin_port = htons(endpoint.port);
        four.sin_addr.s_addr = endpoint.is_v4() ? ip_2_ip4(&endpoint.address)->addr : 0;
        return sizeof(four);
    }
    auto& six = reinterpret_cast<sockaddr_in6&>(storage);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(endpoint.port);
    six.sin6_addr = to_in6(endpoint.address);
    if (IP_IS_V6_VAL(endpoint.address)) six.sin6_scope_id = ip6_addr_zone(ip_2_ip6(&endpoint.address));
    return sizeof(six);
}

Outcome<> write_endpoint(const Endpoint& endpoint, int family, sockaddr* address, socklen_t* size) {
    if (address == nullptr || size == nullptr) return {};
    if (static_cast<std::int32_t>(*size) < 0) return fail_with(EINVAL);
    sockaddr_storage whole;
    const socklen_t whole_size = store_endpoint(endpoint, family, whole);
    std::memcpy(address, &whole, std::min(*size, whole_size));
    *size = whole_size;
    return {};
}

netif* route_to(const ip_addr_t& from, const ip_addr_t& to) {
    netif* found = ip_route(&from, &to);
    if (found != nullptr && is_loopback(*found) && !ip_addr_ismulticast(&to) && !is_own_address(to)) return nullptr;
    return found;
}

bool is_own_address(const ip_addr_t& address) {
    if (IP_IS_V4_VAL(address) && ip4_addr_isloopback(ip_2_ip4(&address))) return true;
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next) {
        if (IP_IS_V4_VAL(address)) {
            if (ip4_addr_cmp(netif_ip4_addr(interface), ip_2_ip4(&address))) return true;
            continue;
        }
        for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; ++i)
            if (!ip6_addr_isinvalid(netif_ip6_addr_state(interface, i)) &&
                ip6_addr_cmp_zoneless(netif_ip6_addr(interface, i), ip_2_ip6(&address)))
                return true;
    }
    return false;
}

}  // namespace tenon::posix
