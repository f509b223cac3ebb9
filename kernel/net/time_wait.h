// SPDX-License-Identifier: Apache-2.0
// A bound on connections in TIME_WAIT (RFC 793, section 3.5).
#pragma once

#include "lwip/ip_addr.h"
#include "lwip/prot/tcp.h"

namespace tenon::net {

/// Drops a connection in TIME_WAIT whose client requests a new one from the same port, if the request's sequence number
/// is beyond all of the old connection's (RFC 1122, section 4.2.2.13). lwIP would acknowledge the old connection, and
/// the client could not connect before TIME_WAIT ends. `header` is the request's TCP header.
void forget_old_connection(const ip_addr_t& remote, const ip_addr_t& local, const tcp_hdr& header);

/// Called for each new connection, with the core lock held. lwIP keeps ended connections as long as there is memory,
/// and searches them one by one, which slows down a server with many short connections. Frees the oldest ones.
void limit_time_wait();

}  // namespace tenon::net
