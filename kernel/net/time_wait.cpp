// SPDX-License-Identifier: Apache-2.0
// A bound on connections that have ended and only wait.
#include "kernel/net/time_wait.h"

#include "lwip/priv/tcp_priv.h"

namespace tenon::net {
namespace {

constexpr unsigned most_waiting = 512;
constexpr unsigned connections_between_looks = 64;

constinit unsigned connections_since = 0;

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
