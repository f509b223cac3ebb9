// SPDX-License-Identifier: Apache-2.0
// Options of IPPROTO_IP and IPPROTO_IPV6.
#include "userland/posix/net/ip_options.h"

#include <netinet/in.h>

#include <cstring>

#include "lwip/ip.h"
#include "userland/posix/net/interface_control.h"

namespace tenon::posix {
namespace {

constexpr int default_ttl = 64;
constexpr int least_mtu6 = 1280;  // RFC 8200, section 5

template <typename T>
Outcome<T> object(std::span<const std::byte> bytes) {
    T result;
    if (bytes.size() < sizeof(result)) return fail_with(EINVAL);
    std::memcpy(&result, bytes.data(), sizeof(result));
    return result;
}

/// A stream's two low bits are TCP's (RFC 3168).
int of_congestion(const Socket& socket, int value) {
    constexpr int congestion_bits = 3;
    return value & 0xFF & (socket.type() == SOCK_STREAM ? ~congestion_bits : ~0);
}

/// -1 stands for the system's value.
Outcome<> set_range(int& option, int value, int least) {
    if (value != -1 && (value < least || value > 255)) return fail_with(EINVAL);
    option = value;
    return {};
}

Outcome<std::uint8_t> interface_of(in_addr address) {
    if (address.s_addr == INADDR_ANY) return 0;
    for (netif* interface = netif_list; interface != nullptr; interface = interface->next)
        if (netif_ip4_addr(interface)->addr == address.s_addr) return netif_get_index(interface);
    return fail_with(ENODEV);
}

/// struct ip_mreqn, or struct ip_mreq, which is its beginning.
struct GroupRequest {
    ip_addr_t group;
    std::uint8_t interface;
};
Outcome<GroupRequest> group_request(std::span<const std::byte> bytes) {
    ip_mreqn request{};
    if (bytes.size() < sizeof(ip_mreq)) return fail_with(EINVAL);
    std::memcpy(&request, bytes.data(), std::min(bytes.size(), sizeof(request)));
    GroupRequest result{};
    ip_addr_set_ip4_u32_val(result.group, request.imr_multiaddr.s_addr);
    if (request.imr_ifindex != 0) {
        result.interface = interface_index(static_cast<unsigned>(request.imr_ifindex));
        return result;
    }
    TRY(result.interface, interface_of(request.imr_address));
    return result;
}
Outcome<GroupRequest> group_request6(std::span<const std::byte> bytes) {
    TRY(const ipv6_mreq request, object<ipv6_mreq>(bytes));
    GroupRequest result{from_in6(request.ipv6mr_multiaddr), interface_index(request.ipv6mr_interface)};
    if (!IP_IS_V6_VAL(result.group)) return fail_with(EINVAL);
    return result;
}

/// RFC 3678: the group's family must be that of the level.
Outcome<GroupRequest> group_request_of(std::span<const std::byte> bytes, int family) {
    TRY(const group_req request, object<group_req>(bytes));
    const auto* address = reinterpret_cast<const sockaddr*>(&request.gr_group);
    TRY(const Endpoint group, read_endpoint(address, sizeof(request.gr_group), family));
    return GroupRequest{group.address, static_cast<std::uint8_t>(request.gr_interface)};
}

Outcome<> change_membership(Socket& socket, int option, const Outcome<GroupRequest>& request) {
    if (socket.type() == SOCK_STREAM) return fail_with(EPROTO);
    if (!request) return std::unexpected(request.error());
    const bool joins = option == IP_ADD_MEMBERSHIP || option == IPV6_JOIN_GROUP || option == MCAST_JOIN_GROUP;
    return joins ? join_group(socket, request->group, request->interface)
                 : leave_group(socket, request->group, request->interface);
}

Outcome<> set_multicast_interface(Socket& socket, SocketOptions& options, std::span<const std::byte> bytes) {
    if (socket.type() == SOCK_STREAM) return fail_with(ENOPROTOOPT);
    ip_mreqn request{};
    if (bytes.size() >= sizeof(request))
        std::memcpy(&request, bytes.data(), sizeof(request));
    else if (bytes.size() >= sizeof(in_addr))
        std::memcpy(&request.imr_address, bytes.data(), sizeof(in_addr));
    else
        return fail_with(EINVAL);
    if (request.imr_ifindex != 0) {
        const std::uint8_t index = interface_index(static_cast<unsigned>(request.imr_ifindex));
        if (netif_get_by_index(index) == nullptr) return fail_with(EADDRNOTAVAIL);
        options.multicast_interface = index;
    } else {
        const auto found = interface_of(request.imr_address);
        if (!found) return fail_with(EADDRNOTAVAIL);
        options.multicast_interface = *found;
    }
    options.multicast_source = request.imr_address.s_addr;
    return {};
}

Outcome<> set_ipv4(Socket& socket, SocketOptions& options, int option, int value, std::span<const std::byte> bytes) {
    const bool on = value != 0;
    switch (option) {
        case IP_TOS: options.tos = of_congestion(socket, value); return {};
        case IP_TTL: return set_range(options.ttl, value, 1);
        case IP_HDRINCL:
            if (socket.type() != SOCK_RAW) return fail_with(ENOPROTOOPT);
            options.header_included = on;
            return {};
        case IP_PKTINFO: options.packet_info = on; return {};
        case IP_RECVTTL: options.receive_ttl = on; return {};
        case IP_RECVTOS: options.receive_tos = on; return {};
        case IP_RECVERR: options.receive_errors = on; return {};
        case IP_FREEBIND: options.free_bind = on; return {};
        // lwIP drops packets with options: there is none to tell.
        case IP_RECVOPTS: options.receive_options = on; return {};
        case IP_RETOPTS: options.return_options = on; return {};
        case IP_BIND_ADDRESS_NO_PORT: options.bind_without_port = on; return {};
        case IP_MULTICAST_ALL:
            if (value != 0 && value != 1) return fail_with(EINVAL);
            options.multicast_all = on;
            return {};
        case IP_MTU_DISCOVER:
            if (value < IP_PMTUDISC_DONT || value > IP_PMTUDISC_OMIT) return fail_with(EINVAL);
            options.mtu_discovery = value;
            return {};
        case IP_MULTICAST_TTL:
            if (socket.type() == SOCK_STREAM) return fail_with(EINVAL);
            if (value == -1) value = 1;
            if (value < 0 || value > 255) return fail_with(EINVAL);
            options.multicast_ttl = value;
            return {};
        case IP_MULTICAST_LOOP: options.multicast_loop = on; return {};
        case IP_MULTICAST_IF: return set_multicast_interface(socket, options, bytes);
        case IP_ADD_MEMBERSHIP:
        case IP_DROP_MEMBERSHIP: return change_membership(socket, option, group_request(bytes));
        case MCAST_JOIN_GROUP:
        case MCAST_LEAVE_GROUP: return change_membership(socket, option, group_request_of(bytes, AF_INET));
        default: return fail_with(ENOPROTOOPT);
    }
}

Outcome<> set_ipv6(Socket& socket, SocketOptions& options, int option, int value, std::span<const std::byte> bytes) {
    const bool on = value != 0;
    if (bytes.size() < sizeof(int)) return fail_with(EINVAL);
    switch (option) {
        case IPV6_V6ONLY:
            if (socket.is_bound() || socket.type() == SOCK_RAW) return fail_with(EINVAL);
            options.v6_only = on;
            return {};
        case IPV6_UNICAST_HOPS: return set_range(options.hop_limit, value, 0);
        case IPV6_MULTICAST_HOPS:
            if (socket.type() == SOCK_STREAM) return fail_with(ENOPROTOOPT);
            return set_range(options.multicast_hops, value, 0);
        case IPV6_MULTICAST_LOOP:
            if (value != 0 && value != 1) return fail_with(EINVAL);
            options.multicast_loop6 = on;
            return {};
        case IPV6_MULTICAST_IF:
            if (socket.type() == SOCK_STREAM) return fail_with(ENOPROTOOPT);
            if (value != 0 && netif_get_by_index(interface_index(static_cast<unsigned>(value))) == nullptr)
                return fail_with(ENODEV);
            options.multicast_interface6 = interface_index(static_cast<unsigned>(value));
            return {};
        case IPV6_RECVPKTINFO: options.packet_info6 = on; return {};
        case IPV6_RECVHOPLIMIT: options.receive_hop_limit = on; return {};
        case IPV6_RECVTCLASS: options.receive_traffic_class = on; return {};
        case IPV6_RECVERR: options.receive_errors6 = on; return {};
        case IPV6_TCLASS:
            CHECK(set_range(options.traffic_class, value == -1 ? 0 : value, 0));
            options.traffic_class = of_congestion(socket, options.traffic_class);
            return {};
        case IPV6_MTU_DISCOVER:
            if (value < IPV6_PMTUDISC_DONT || value > IPV6_PMTUDISC_OMIT) return fail_with(EINVAL);
            options.mtu_discovery6 = value;
            return {};
        case IPV6_DONTFRAG: options.dont_fragment6 = on; return {};
        case IPV6_RECVPATHMTU: options.receive_path_mtu = on; return {};
        case IPV6_MULTICAST_ALL: options.multicast_all6 = on; return {};
        case IPV6_FREEBIND: options.free_bind = on; return {};
        case IPV6_MTU:
            if (value != 0 && value < least_mtu6) return fail_with(EINVAL);
            return {};
        case IPV6_AUTOFLOWLABEL: options.automatic_flow_label = on; return {};
        case IPV6_JOIN_GROUP:
        case IPV6_LEAVE_GROUP: return change_membership(socket, option, group_request6(bytes));
        case MCAST_JOIN_GROUP:
        case MCAST_LEAVE_GROUP: return change_membership(socket, option, group_request_of(bytes, AF_INET6));
        default: return fail_with(ENOPROTOOPT);
    }
}

/// The MTU of the path to the peer. Error: ENOTCONN.
Outcome<int> mtu_of(Socket& socket) {
    TRY(const Endpoint peer, socket.peer_name());
    const netif* interface = route_to(socket.binding().address, peer.address);
    if (interface == nullptr) return fail_with(ENOTCONN);
    return interface->mtu != 0 ? interface->mtu : 65536;
}

Outcome<> get_ipv4(Socket& socket, SocketOptions& options, int option, OptionValue& value) {
    switch (option) {
        case IP_TOS: value.set(options.tos); return {};
        case IP_TTL: value.set(options.ttl == -1 ? default_ttl : options.ttl); return {};
        case IP_HDRINCL: value.set(options.header_included); return {};
        case IP_PKTINFO: value.set(options.packet_info); return {};
        case IP_RECVTTL: value.set(options.receive_ttl); return {};
        case IP_RECVTOS: value.set(options.receive_tos); return {};
        case IP_RECVERR: value.set(options.receive_errors); return {};
        case IP_FREEBIND: value.set(options.free_bind); return {};
        case IP_RECVOPTS: value.set(options.receive_options); return {};
        case IP_RETOPTS: value.set(options.return_options); return {};
        case IP_BIND_ADDRESS_NO_PORT: value.set(options.bind_without_port); return {};
        case IP_MULTICAST_ALL: value.set(options.multicast_all); return {};
        case IP_MTU_DISCOVER: value.set(options.mtu_discovery); return {};
        case IP_MTU: {
            TRY(const int mtu, mtu_of(socket));
            value.set(mtu);
            return {};
        }
        case IP_MULTICAST_TTL: value.set(options.multicast_ttl); return {};
        case IP_MULTICAST_LOOP: value.set(options.multicast_loop); return {};
        case IP_MULTICAST_IF: value.set_object(in_addr{options.multicast_source}); return {};
        default: return fail_with(ENOPROTOOPT);
    }
}

Outcome<> get_ipv6(Socket& socket, SocketOptions& options, int option, OptionValue& value) {
    switch (option) {
        case IPV6_V6ONLY: value.set(options.v6_only); return {};
        case IPV6_UNICAST_HOPS: value.set(options.hop_limit == -1 ? default_ttl : options.hop_limit); return {};
        case IPV6_MULTICAST_HOPS: value.set(options.multicast_hops == -1 ? 1 : options.multicast_hops); return {};
        case IPV6_MULTICAST_LOOP: value.set(options.multicast_loop6); return {};
        case IPV6_MULTICAST_IF: value.set(options.multicast_interface6); return {};
        case IPV6_RECVPKTINFO: value.set(options.packet_info6); return {};
        case IPV6_RECVHOPLIMIT: value.set(options.receive_hop_limit); return {};
        case IPV6_RECVTCLASS: value.set(options.receive_traffic_class); return {};
        case IPV6_RECVERR: value.set(options.receive_errors6); return {};
        case IPV6_TCLASS: value.set(options.traffic_class); return {};
        case IPV6_MTU_DISCOVER: value.set(options.mtu_discovery6); return {};
        case IPV6_DONTFRAG: value.set(options.dont_fragment6); return {};
        case IPV6_RECVPATHMTU: value.set(options.receive_path_mtu); return {};
        case IPV6_MULTICAST_ALL: value.set(options.multicast_all6); return {};
        case IPV6_FREEBIND: value.set(options.free_bind); return {};
        case IPV6_AUTOFLOWLABEL: value.set(options.automatic_flow_label); return {};
        case IPV6_MTU: {
            TRY(const int mtu, mtu_of(socket));
            value.set(mtu);
            return {};
        }
        default: return fail_with(ENOPROTOOPT);
    }
}

}  // namespace

Outcome<> set_ip_option(Socket& socket, SocketOptions& options, int level, int option, int value,
                        std::span<const std::byte> bytes) {
    return level == IPPROTO_IP ? set_ipv4(socket, options, option, value, bytes)
                               : set_ipv6(socket, options, option, value, bytes);
}

Outcome<> get_ip_option(Socket& socket, SocketOptions& options, int level, int option, OptionValue& value) {
    return level == IPPROTO_IP ? get_ipv4(socket, options, option, value) : get_ipv6(socket, options, option, value);
}

}  // namespace tenon::posix
