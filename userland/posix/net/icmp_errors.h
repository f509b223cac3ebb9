// SPDX-License-Identifier: Apache-2.0
// Passing ICMP errors to sockets.
#pragma once

namespace tenon::posix {

/// To be called once, before the first socket is made.
void listen_to_icmp();

}  // namespace tenon::posix
