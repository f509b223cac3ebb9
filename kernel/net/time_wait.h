// SPDX-License-Identifier: Apache-2.0
// A bound on connections in TIME_WAIT (RFC 793, section 3.5).
#pragma once

#include "lwip/ip_addr.h"
#include "lwip/prot/tcp.h"

namespace tenon::net {

/// A client that uses its port again for a new connection, while this side still remembers the old one: lwIP would
/// answer with an acknowledgement of the old, and the client would try in vain for as long as that is remembered. A
/// sequence number beyond all of the old connection's says that nothing of it can be meant (RFC 1122,
/// section 4.2.2.13). `header` is of a connection request.
void forget_old_connection(const ip_addr_t& remote, const ip_addr_t& local, const tcp_hdr& header);

/// Called for each new connection, with the core lock held. lwIP keeps ended connections as long as there is memory,
/// and searches them one by one: a server with many short connections would drown in them. The oldest ones go.
void limit_time_wait();

}  // namespace tenon::net
