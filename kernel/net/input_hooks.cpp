// SPDX-License-Identifier: Apache-2.0
// Handles packets before lwIP does: passes ICMP errors to sockets, and ends connections in TIME_WAIT that are requested
// anew.
#include <cstddef>
#include <cstring>

#include "hooks.h"
#include "kernel/net/icmp_errors.h"
#include "kernel/net/time_wait.h"
#include "lwip/pbuf.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"

namespace tenon::net {
namespace {

/// The packet's bytes from `offset` on as a T, if they are in its first piece.
template <typename T>
bool copy_header(const pbuf& packet, std::size_t offset, T& header) {
    if (offset > packet.len || packet.len - offset < sizeof(header)) return false;
    std::memcpy(&header, static_cast<const std::byte*>(packet.payload) + offset, sizeof(header));
    return true;
}

bool is_request(const tcp_hdr& header) { return (TCPH_FLAGS(&header) & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN; }

}  // namespace
}  // namespace tenon::net

using namespace tenon::net;

extern "C" int tenon_net_ip4_input(pbuf* packet, netif*) {
    look_for_icmp_error(*packet, false);
    ip_hdr ip;
    tcp_hdr tcp;
    if (!copy_header(*packet, 0, ip) || IPH_PROTO(&ip) != IP_PROTO_TCP) return 0;
    if ((IPH_OFFSET(&ip) & PP_HTONS(IP_OFFMASK)) != 0 || !copy_header(*packet, IPH_HL_BYTES(&ip), tcp)) return 0;
    if (!is_request(tcp)) return 0;
    ip_addr_t remote, local;
    ip_addr_copy_from_ip4(remote, ip.src);
    ip_addr_copy_from_ip4(local, ip.dest);
    forget_old_connection(remote, local, tcp);
    return 0;
}

extern "C" int tenon_net_ip6_input(pbuf* packet, netif*) {
    look_for_icmp_error(*packet, true);
    ip6_hdr ip;
    tcp_hdr tcp;
    if (!copy_header(*packet, 0, ip) || IP6H_NEXTH(&ip) != IP6_NEXTH_TCP) return 0;
    if (!copy_header(*packet, sizeof(ip), tcp) || !is_request(tcp)) return 0;
    ip_addr_t remote, local;
    ip_addr_copy_from_ip6_packed(remote, ip.src);
    ip_addr_copy_from_ip6_packed(local, ip.dest);
    // A link-local address is ambiguous without its interface, which the packet does not name: lwIP handles those.
    forget_old_connection(remote, local, tcp);
    return 0;
}
