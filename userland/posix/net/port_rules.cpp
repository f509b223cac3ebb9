// SPDX-License-Identifier: Apache-2.0
// Which sockets may have which address and port.
#include "userland/posix/net/port_rules.h"

#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/udp.h"

namespace tenon::posix {
namespace {

constexpr std::uint16_t first_ephemeral = 32768, last_ephemeral = 60999;

/// Both sockets could receive the same datagram or connection.
bool overlap(const ip_addr_t& one, const ip_addr_t& other) {
    const bool one_any = ip_addr_isany_val(one), other_any = ip_addr_isany_val(other);
    if (IP_IS_ANY_TYPE_VAL(one) || IP_IS_ANY_TYPE_VAL(other)) return true;
    if (IP_IS_V6_VAL(one) != IP_IS_V6_VAL(other)) return false;
    return one_any || other_any || ip_addr_cmp_zoneless(&one, &other);
}

/// Both sockets allow sharing. For TCP, SO_REUSEADDR allows no sharing with a listening socket.
bool share(const Socket& one, const Socket& other) {
    if (one.options().reuse_port && other.options().reuse_port) return true;
    return one.options().reuse_address && other.options().reuse_address &&
           (one.type() != SOCK_STREAM || !other.is_listening());
}

template <typename Shares>
bool is_taken_by_socket(const Socket& socket, const Endpoint& local, Shares&& shares) {
    bool taken = false;
    open_sockets().for_each([&](const Socket& other) {
        if (taken || &other == &socket || other.type() != socket.type() || other.binding().port != local.port) return;
        if (socket.options().interface != 0 && other.options().interface != 0 &&
            socket.options().interface != other.options().interface)
            return;
        taken = overlap(other.binding().address, local.address) && !shares(other);
    });
    return taken;
}

/// Connections without a descriptor: they are ending, or wait in TIME_WAIT.
bool is_taken_by_orphan(const Socket& socket, const Endpoint& local, bool strict) {
    for (const tcp_pcb* list : {tcp_active_pcbs, tcp_tw_pcbs}) {
        for (const tcp_pcb* pcb = list; pcb != nullptr; pcb = pcb->next) {
            if (pcb->local_port != local.port || pcb->callback_arg != nullptr || !overlap(pcb->local_ip, local.address))
                continue;
            const bool shared =
                socket.options().reuse_port ||
                (socket.options().reuse_address && ip_get_option(const_cast<tcp_pcb*>(pcb), SOF_REUSEADDR) != 0);
            if (strict || !shared) return true;
        }
    }
    return false;
}

/// lwIP's own ports: DHCP, the resolver, time servers.
bool is_taken_by_the_stack(const Endpoint& local) {
    for (const udp_pcb* pcb = udp_pcbs; pcb != nullptr; pcb = pcb->next)
        if (pcb->local_port == local.port && pcb->recv_arg == nullptr && overlap(pcb->local_ip, local.address))
            return true;
    return false;
}

bool is_taken(const Socket& socket, const Endpoint& local, bool strict) {
    if (is_taken_by_socket(socket, local, [&](const Socket& other) { return !strict && share(socket, other); }))
        return true;
    return socket.type() == SOCK_STREAM ? is_taken_by_orphan(socket, local, strict)
                                        : socket.type() == SOCK_DGRAM && is_taken_by_the_stack(local);
}

}  // namespace

bool may_bind(const Socket& socket, const Endpoint& local) { return !is_taken(socket, local, false); }

std::uint16_t free_port(const Socket& socket, const Endpoint& local) {
    constexpr std::uint32_t count = last_ephemeral - first_ephemeral + 1u;
    std::uint32_t offset = LWIP_RAND() % count;
    Endpoint tried = local;
    for (std::uint32_t i = 0; i < count; ++i, offset = (offset + 1) % count) {
        tried.port = static_cast<std::uint16_t>(first_ephemeral + offset);
        if (!is_taken(socket, tried, true)) return tried.port;
    }
    return 0;
}

Outcome<> check_local_address(const Socket& socket, const Endpoint& local) {
    if (local.is_v4() && socket.family() == AF_INET6 && socket.options().v6_only) return fail_with(EINVAL);
    if (local.is_any()) return {};
    if (IP_IS_V6_VAL(local.address)) {
        const ip6_addr_t& six = *ip_2_ip6(&local.address);
        if (local.is_multicast()) return socket.type() == SOCK_STREAM ? Outcome<>(fail_with(EINVAL)) : Outcome<>();
        // A link-local address needs its link.
        if (ip6_addr_islinklocal(&six) && !ip6_addr_has_zone(&six) && socket.options().interface == 0)
            return fail_with(EINVAL);
    } else {
        if (local.is_multicast()) return {};
        for (netif* interface = netif_list; interface != nullptr; interface = interface->next)
            if (ip4_addr_isbroadcast(ip_2_ip4(&local.address), interface) != 0) return {};
    }
    if (is_own_address(local.address) || socket.options().free_bind) return {};
    return fail_with(EADDRNOTAVAIL);
}

}  // namespace tenon::posix
