// SPDX-License-Identifier: Apache-2.0
// A bound on connections in TIME_WAIT.
#include "kernel/net/time_wait.h"

#include "lwip/priv/tcp_priv.h"

namespace tenon::net {
namespace {

constexpr unsigned most_waiting = 512;
constexpr unsigned connections_between_looks = 64;

constinit unsigned connections_since = 0;

}  // namespace

void forget_old_connection(const ip_addr_t& remote, const ip_addr_t& local, const tcp_hdr& header) {
    const u16_t remote_port = lwip_ntohs(header.src), local_port = lwip_ntohs(header.dest);
    for (tcp_pcb* connection = tcp_tw_pcbs; connection != nullptr; connection = connection->next) {
        if (connection->remote_port != remote_port || connection->local_port != local_port ||
            !ip_addr_cmp(&connection->remote_ip, &remote) || !ip_addr_cmp(&connection->local_ip, &local))
            continue;
        if (TCP_SEQ_GT(lwip_ntohl(header.seqno), connection->rcv_nxt)) tcp_abort(connection);
        return;
    }
}

void limit_time_wait() {
    if (++connections_since < connections_between_looks) return;
    connections_since = 0;
    // The newest connections are first in the list; those behind them have waited longer.
    unsigned count = 0;
    for (tcp_pcb *connection = tcp_tw_pcbs, *next; connection != nullptr; connection = next) {
        next = connection->next;
        if (++count > most_waiting) tcp_abort(connection);
    }
}

}  // namespace tenon::net
