// SPDX-License-Identifier: Apache-2.0
// A bound on connections in TIME_WAIT (RFC 793, section 3.5).
#pragma once

namespace tenon::net {

/// Called for each new connection, with the core lock held: aborts the oldest ones beyond the bound. lwIP keeps them as
/// long as there is memory, and searches them one by one, which would slow a server with many short connections down.
void limit_time_wait();

}  // namespace tenon::net
