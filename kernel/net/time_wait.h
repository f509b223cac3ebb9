// SPDX-License-Identifier: Apache-2.0
// A bound on connections that have ended and only wait (TIME_WAIT, RFC 793 section 3.5).
#pragma once

namespace tenon::net {

/// Called for each new connection, with the core lock held. lwIP keeps ended connections as long as there is memory,
/// and searches them one by one: a server with many short connections would drown in them. The oldest ones go.
void limit_time_wait();

}  // namespace tenon::net
