// SPDX-License-Identifier: Apache-2.0
// What the machine's end does to sockets.
#pragma once

namespace tenon::posix {

/// Once, before the first socket is made: when the machine stops, its sockets are closed as a process's are. What was
/// written is delivered as long as the peers take it, for 5 s at most; then they are told by a reset.
void close_sockets_at_the_end();

}  // namespace tenon::posix
