// SPDX-License-Identifier: Apache-2.0
// A bound on connections that have ended and only wait.
#include "kernel/net/time_wait.h"

#include <cstddef>
#include <cstring>

#include "hooks.h"
#include "kernel/net/icmp_errors.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"

namespace tenon::net {
namespace {

constexpr unsigned most_waiting = 512;
constexpr unsigned connections_between_looks = 64;

constinit unsigned connections_since = 0;

/// A client that uses its port again for a new connection, while this side still remembers the old one: lwIP would
/// answer with an acknowledgement of the old, and the client would try in vain for as long as that is remembered. A
/// sequence number beyond all of the old connection's says that nothing of it can be meant (RFC 1122,
/// section 4.2.2.13).
void forget_old_connection(const ip_addr_t& remote, const ip_addr_t& local, const tcp_hdr& header) {
    if ((TCPH_FLAGS(&header) & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN) return;
    const u16_t remote_port = lwip_ntohs(header.src), local_port = lwip_ntohs(header.dest);
    for (tcp_pcb* connection = tcp_tw_pcbs; connection != nullptr; connection = connection->next) {
        if (connection->remote_port != remote_port || connection->local_port != local_port ||
            !ip_addr_cmp(&connection->remote_ip, &remote) || !ip_addr_cmp(&connection->local_ip, &local))
            continue;
        if (TCP_SEQ_GT(lwip_ntohl(header.seqno), connection->rcv_nxt)) tcp_abort(connection);
        return;
    }
}

/// The packet's bytes from `offset` on as a T, if they are in its first piece.
template <typename T>
bool copy_header(const pbuf& packet, std::size_t offset, T& header) {
    if (offset > packet.len || packet.len - offset < sizeof(header)) return false;
    std::memcpy(&header, static_cast<const std::byte*>(packet.payload) + offset, sizeof(header));
    return true;
}

}  // namespace

void limit_time_wait() {
    if (++connections_since < connections_between_looks) return;
    connections_since = 0;
    // The list begins with the newest. Those beyond the bound have waited longest.
    unsigned count = 0;
    for (tcp_pcb *connection = tcp_tw_pcbs, *next; connection != nullptr; connection = next) {
        next = connection->next;
        if (++count > most_waiting) tcp_abort(connection);
    }
}

}  // namespace tenon::net

using tenon::net::copy_header, tenon::net::forget_old_connection;

extern "C" int tenon_net_ip4_input(pbuf* packet, netif*) {
    tenon::net::look_for_icmp_error(*packet, false);
    ip_hdr ip;
    tcp_hdr tcp;
    if (tcp_tw_pcbs == nullptr || !copy_header(*packet, 0, ip) || IPH_PROTO(&ip) != IP_PROTO_TCP) return 0;
    if ((IPH_OFFSET(&ip) & PP_HTONS(IP_OFFMASK)) != 0 || !copy_header(*packet, IPH_HL_BYTES(&ip), tcp)) return 0;
    ip_addr_t remote, local;
    ip_addr_copy_from_ip4(remote, ip.src);
    ip_addr_copy_from_ip4(local, ip.dest);
    forget_old_connection(remote, local, tcp);
    return 0;
}

extern "C" int tenon_net_ip6_input(pbuf* packet, netif*) {
    tenon::net::look_for_icmp_error(*packet, true);
    ip6_hdr ip;
    tcp_hdr tcp;
    if (tcp_tw_pcbs == nullptr || !copy_header(*packet, 0, ip) || IP6H_NEXTH(&ip) != IP6_NEXTH_TCP) return 0;
    if (!copy_header(*packet, sizeof(ip), tcp)) return 0;
    ip_addr_t remote, local;
    ip_addr_copy_from_ip6_packed(remote, ip.src);
    ip_addr_copy_from_ip6_packed(local, ip.dest);
    // A link-local address is told apart by its interface, which is not in the packet: those are left to lwIP.
    forget_old_connection(remote, local, tcp);
    return 0;
}
