// SPDX-License-Identifier: Apache-2.0
// Control messages of sendmsg() and recvmsg() (cmsg(3)).
#pragma once

#include "userland/posix/net/datagram_queue.h"
#include "userland/posix/net/error_queue.h"
#include "userland/posix/net/socket.h"

namespace tenon::posix {

/// Appends a control message to what `message` has; without enough room it is cut short or left out, and MSG_CTRUNC is
/// set (Linux: put_cmsg).
void put_control(IncomingMessage& message, int level, int type, std::span<const std::byte> data);

/// Appends the messages that the socket's options request.
void put_datagram_control(IncomingMessage& message, const Socket& socket, const Datagram& datagram,
                          std::uint32_t dropped);
void put_error_control(IncomingMessage& message, const Socket& socket, const NetworkError& error);

/// A program's settings for one datagram that it sends.
struct SendControl {
    ip_addr_t source{};  ///< any: not said
    unsigned interface = 0;
    int ttl = -1, tos = -1;
};
/// Errors: EINVAL.
[[nodiscard]] Outcome<SendControl> read_send_control(const Socket& socket, std::span<const std::byte> control);

}  // namespace tenon::posix
