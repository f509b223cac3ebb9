// SPDX-License-Identifier: Apache-2.0
// The sockets with which c-ares asks the servers that the network has told.
#pragma once

#include <ares.h>

namespace tenon::posix {

/// A router that is a server itself advertises its link-local address, of which c-ares drops the interface: these
/// sockets connect to the server's own.
extern const ares_socket_functions resolver_sockets;

}  // namespace tenon::posix
