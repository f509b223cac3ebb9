// SPDX-License-Identifier: Apache-2.0
// Connections that somebody has asked for and not confirmed (SYN_RCVD, RFC 793 section 3.4).
#pragma once

#include "lwip/ip_addr.h"

namespace tenon::net {

/// Called for each connection request, with the core lock held. A listener takes as many connections as its backlog
/// holds, and lwIP counts those among them whose client never answers, for twenty seconds: requests from addresses that
/// do not exist would keep everybody else out. If the listener of `port` at `local` is full, its oldest half-open
/// connection makes room: one that is real is confirmed within a round trip. Connections that wait for accept() stay.
void make_room_for_request(const ip_addr_t& local, u16_t port);

}  // namespace tenon::net
