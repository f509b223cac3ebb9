// SPDX-License-Identifier: Apache-2.0
// How connections begin, and time limits that lwIP does not know: TCP_USER_TIMEOUT, TCP_SYNCNT.
#include <algorithm>
#include <utility>

#include "lwip/etharp.h"
#include "lwip/priv/tcp_priv.h"
#include "userland/posix/net/tcp_socket.h"

namespace tenon::posix {
namespace {

constexpr std::uint32_t milliseconds_per_tick = TCP_SLOW_INTERVAL;
constexpr s16_t first_timeout = LWIP_TCP_RTO_TIME / TCP_SLOW_INTERVAL;
constexpr s16_t longest_timeout = 120'000 / TCP_SLOW_INTERVAL;  // Linux, TCP_RTO_MAX
/// After this time the silence of the next hop itself is an error (Linux: mcast_solicit, retrans_time_ms).
constexpr std::uint32_t time_for_neighbour = 3000;

/// The next hop has not answered ARP: nothing of this connection has left the machine.
bool next_hop_is_silent(const tcp_pcb& pcb) {
    if (!IP_IS_V4_VAL(pcb.remote_ip)) return false;
    netif* interface = ip_route(&pcb.local_ip, &pcb.remote_ip);
    if (interface == nullptr || (interface->flags & NETIF_FLAG_ETHARP) == 0) return false;
    const ip4_addr_t* hop = ip_2_ip4(&pcb.remote_ip);
    if (!ip4_addr_netcmp(hop, netif_ip4_addr(interface), netif_ip4_netmask(interface))) hop = netif_ip4_gw(interface);
    eth_addr* hardware = nullptr;
    const ip4_addr_t* found = nullptr;
    return etharp_find_addr(interface, hop, &hardware, &found) < 0;
}

}  // namespace

void TcpSocket::begin_times(tcp_pcb& pcb) {
    times_ = {};
    times_.requests = std::exchange(pcb.nrtx, 0);
    times_.sent = times_.received = times_.acknowledged = sys_now();
    times_.progress_tick = tcp_ticks;
    // The time-out of a request that was lost says nothing of the connection (RFC 6298, section 5.7).
    if (pcb.rto > first_timeout) pcb.rto = first_timeout;
    if (tcp_options_.maximum_segment != 0)
        pcb.mss = std::min(pcb.mss, static_cast<u16_t>(tcp_options_.maximum_segment));
    begin_window(pcb);
}

void TcpSocket::begin_window(tcp_pcb& pcb) const {
    constexpr tcpwnd_size_t first_segments = 10;
    if (times_.requests == 0) pcb.cwnd = std::max(pcb.cwnd, first_segments * pcb.mss);
}

int TcpSocket::look_at_request(tcp_pcb& pcb) const {
    const std::uint32_t since = (tcp_ticks - times_.progress_tick) * milliseconds_per_tick;
    if (since >= time_for_neighbour && next_hop_is_silent(pcb)) return EHOSTUNREACH;
    return pcb.nrtx >= tcp_options_.syn_count && pcb.rtime + 1 >= pcb.rto ? ETIMEDOUT : 0;
}

int TcpSocket::look_at_times(tcp_pcb& pcb) {
    const bool is_outstanding = pcb.unacked != nullptr || pcb.persist_backoff != 0 || pcb.state == SYN_SENT;
    if (!is_outstanding || pcb.lastack != times_.progress_at) {
        times_.progress_at = pcb.lastack;
        times_.progress_tick = tcp_ticks;
    }
    const auto is_over = [&](std::uint32_t since) {
        return tcp_options_.user_timeout != 0 &&
               (tcp_ticks - since) * milliseconds_per_tick >= tcp_options_.user_timeout;
    };
    if (is_outstanding && is_over(times_.progress_tick)) return ETIMEDOUT;
    // Linux: TCP_USER_TIMEOUT takes the place of TCP_KEEPCNT.
    if (pcb.keep_cnt_sent != 0 && options_.keep_alive && is_over(pcb.tmr)) return ETIMEDOUT;
    if (pcb.state != SYN_SENT) return 0;
    // lwIP's own interval between requests stays the same.
    if (pcb.nrtx != times_.requests) {
        times_.requests = pcb.nrtx;
        pcb.rto = std::min<s16_t>(static_cast<s16_t>(pcb.rto * 2), longest_timeout);
    }
    return look_at_request(pcb);
}

}  // namespace tenon::posix
