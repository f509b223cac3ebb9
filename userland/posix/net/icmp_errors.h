// SPDX-License-Identifier: Apache-2.0
// Errors that ICMP tells of, for sockets.
#pragma once

namespace tenon::posix {

/// Once, before the first socket is made.
void listen_to_icmp();

}  // namespace tenon::posix
