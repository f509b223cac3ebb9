// SPDX-License-Identifier: Apache-2.0
// Closing sockets when the machine stops.
#pragma once

namespace tenon::posix {

/// To be called once, before the first socket is made: when the machine stops, its sockets are closed as a process's
/// are. Written data is delivered as long as the peers take it, for 5 s at most; then they get a reset.
void close_sockets_at_the_end();

}  // namespace tenon::posix
