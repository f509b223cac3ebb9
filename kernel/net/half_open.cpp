// SPDX-License-Identifier: Apache-2.0
// Dropping the oldest half-open connection of a full listener.
#include "kernel/net/half_open.h"

#include "lwip/priv/tcp_priv.h"

namespace tenon::net {
namespace {

/// The listener to which lwIP gives a request (tcp_input): one bound to this address before one bound to all.
tcp_pcb_listen* find_listener(const ip_addr_t& local, u16_t port) {
    tcp_pcb_listen* of_all = nullptr;
    for (tcp_pcb_listen* listener = tcp_listen_pcbs.listen_pcbs; listener != nullptr; listener = listener->next) {
        if (listener->local_port != port) continue;
        if (ip_addr_cmp(&listener->local_ip, &local)) return listener;
        const bool any = IP_IS_ANY_TYPE_VAL(listener->local_ip) ||
                         (IP_ADDR_PCB_VERSION_MATCH_EXACT(listener, &local) && ip_addr_isany(&listener->local_ip));
        if (any && of_all == nullptr) of_all = listener;
    }
    return of_all;
}

}  // namespace

void make_room_for_request(const ip_addr_t& local, u16_t port) {
    const tcp_pcb_listen* const listener = find_listener(local, port);
    if (listener == nullptr || listener->accepts_pending < listener->backlog) return;
    tcp_pcb* oldest = nullptr;
    for (tcp_pcb* connection = tcp_active_pcbs; connection != nullptr; connection = connection->next) {
        if (connection->state != SYN_RCVD || connection->listener != listener) continue;
        // The list begins with the newest connection: of two with the same tick the later entry is older.
        if (oldest == nullptr || tcp_ticks - connection->tmr >= tcp_ticks - oldest->tmr) oldest = connection;
    }
    // No reset is sent: with a forged address it would reach an uninvolved host.
    if (oldest != nullptr) tcp_abandon(oldest, 0);
}

}  // namespace tenon::net
