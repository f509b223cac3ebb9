// SPDX-License-Identifier: Apache-2.0
// Which sockets may have which address and port (Linux: inet_csk_get_port and related functions; POSIX says little).
#pragma once

#include "userland/posix/net/socket.h"

namespace tenon::posix {

/// Whether `socket` may have `local` besides the sockets that have it. With the core lock held.
[[nodiscard]] bool may_bind(const Socket& socket, const Endpoint& local);

/// A port that no other socket has at an address which overlaps that of `local`; 0: there is none left. The range is
/// Linux's, 32768 to 60999, and each search begins at a random place of it. With the core lock held.
[[nodiscard]] std::uint16_t free_port(const Socket& socket, const Endpoint& local);

/// The rules for addresses alone: EINVAL, EADDRNOTAVAIL. With the core lock held.
[[nodiscard]] Outcome<> check_local_address(const Socket& socket, const Endpoint& local);

}  // namespace tenon::posix
