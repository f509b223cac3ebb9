// SPDX-License-Identifier: Apache-2.0
// One of lwIP's listening control blocks, and the sockets that listen with it.
#pragma once

#include "kernel/base/intrusive_list.h"
#include "userland/posix/net/tcp_socket.h"

namespace tenon::posix {

/// Sockets with SO_REUSEPORT that listen at the same address share one: each connection goes to one of them, by the
/// peer's address and port. With the core lock held.
class TcpListener : public ListLink<> {
public:
    /// The listener of `socket`'s binding, which other sockets may share. Errors: ENOMEM, EADDRINUSE.
    static Outcome<> begin(TcpSocket& socket, std::uint32_t backlog);
    /// `socket` takes no more connections; the last one ends the listener.
    void leave(TcpSocket& socket);
    void set_backlog();

private:
    TcpListener() = default;
    static TcpListener* find(const TcpSocket& socket);
    static err_t on_accept(void* self, tcp_pcb* pcb, err_t error);
    [[nodiscard]] TcpSocket& choose(const tcp_pcb& pcb);

    tcp_pcb* pcb_ = nullptr;
    IntrusiveList<TcpSocket, ListenTag> sockets_;
    std::uint32_t count_ = 0;
};

}  // namespace tenon::posix
