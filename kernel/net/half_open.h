// SPDX-License-Identifier: Apache-2.0
// Connections that were requested and not yet confirmed (SYN_RCVD, RFC 793 section 3.4).
#pragma once

#include "lwip/ip_addr.h"

namespace tenon::net {

/// Called for each connection request, with the core lock held. lwIP counts half-open connections against the backlog
/// for twenty seconds, so requests from addresses that do not exist would keep all clients out. If the listener of
/// `port` at `local` is full, its oldest half-open connection is dropped: a real client confirms within a round trip.
/// Connections that wait for accept() stay.
void make_room_for_request(const ip_addr_t& local, u16_t port);

}  // namespace tenon::net
