// SPDX-License-Identifier: Apache-2.0
// Listening for connections, and accepting them.
#include "userland/posix/net/tcp_listener.h"

#include <algorithm>
#include <new>

#include "lwip/priv/tcp_priv.h"
#include "userland/posix/net/port_rules.h"

namespace tenon::posix {
namespace {

constexpr std::uint32_t largest_backlog = 255;  // lwIP counts in eight bits, half-open connections included
constexpr int system_backlog = SOMAXCONN;

IntrusiveList<TcpListener>& listeners() {
    static IntrusiveList<TcpListener> list;
    return list;
}

}  // namespace

TcpListener* TcpListener::find(const TcpSocket& socket) {
    if (!socket.options().reuse_port) return nullptr;
    TcpListener* found = nullptr;
    listeners().for_each([&](TcpListener& listener) {
        const TcpSocket& other = *listener.sockets_.front();
        if (other.options().reuse_port && other.binding().port == socket.binding().port &&
            IP_GET_TYPE(&other.binding().address) == IP_GET_TYPE(&socket.binding().address) &&
            (socket.binding().is_any() ? other.binding().is_any()
                                       : ip_addr_cmp(&other.binding().address, &socket.binding().address)) &&
            other.options().interface == socket.options().interface)
            found = &listener;
    });
    return found;
}

Outcome<> TcpListener::begin(TcpSocket& socket, std::uint32_t backlog) {
    TcpListener* listener = find(socket);
    if (listener == nullptr) {
        const Endpoint& local = socket.binding();
        listener = new (std::nothrow) TcpListener;
        tcp_pcb* pcb = tcp_new_ip_type(IP_GET_TYPE(&local.address));
        err_t error = ERR_MEM;
        if (listener != nullptr && pcb != nullptr) {
            // The rules of binding are the socket layer's: lwIP's own know neither dual stack nor SO_REUSEPORT.
            ip_addr_copy(pcb->local_ip, local.address);
            pcb->local_port = local.port;
            TCP_REG(&tcp_bound_pcbs, pcb);
            pcb->netif_idx = socket.options().interface;
            if (socket.options().reuse_address) ip_set_option(pcb, SOF_REUSEADDR);
            if (socket.options().receive_limit_set) pcb->rcv_max = socket.receive_window();
            tcp_arg(pcb, listener);
            listener->pcb_ = tcp_listen_with_backlog_and_err(pcb, largest_backlog, &error);
        }
        if (error != ERR_OK) {
            if (pcb != nullptr) tcp_close(pcb);
            delete listener;
            return fail_with(error == ERR_USE ? EADDRINUSE : ENOBUFS);
        }
        tcp_accept(listener->pcb_, &TcpListener::on_accept);
        listeners().push_back(*listener);
    }
    listener->sockets_.push_back(socket);
    ++listener->count_;
    socket.listener_ = listener;
    socket.backlog_ = backlog;
    listener->set_backlog();
    return {};
}

void TcpListener::set_backlog() {
    // As on Linux a queue of n takes n + 1.
    std::uint32_t sum = 0;
    sockets_.for_each([&](const TcpSocket& socket) { sum += socket.backlog_ + 1; });
    tcp_backlog_set(pcb_, static_cast<u8_t>(std::clamp<std::uint32_t>(sum, 1, largest_backlog)));
}

void TcpListener::leave(TcpSocket& socket) {
    IntrusiveList<TcpSocket, ListenTag>::remove(socket);
    socket.listener_ = nullptr;
    if (--count_ != 0) {
        set_backlog();
        return;
    }
    listeners().remove(*this);
    tcp_close(pcb_);
    delete this;
}

TcpSocket& TcpListener::choose(const tcp_pcb& pcb) {
    if (count_ == 1) return *sockets_.front();
    std::uint32_t hash = pcb.remote_port;
    const ip_addr_t& address = pcb.remote_ip;
    for (int i = 0; i < (IP_IS_V6_VAL(address) ? 4 : 1); ++i) hash = hash * 31 + ip_2_ip6(&address)->addr[i];
    hash = (hash * 0x9E3779B1u) >> 16;
    std::uint32_t place = hash % count_;
    TcpSocket* chosen = sockets_.front();
    sockets_.for_each([&](TcpSocket& socket) {
        if (place-- == 0) chosen = &socket;
    });
    return *chosen;
}

err_t TcpListener::on_accept(void* self, tcp_pcb* pcb, err_t error) {
    if (error != ERR_OK || pcb == nullptr) return ERR_VAL;
    TcpSocket& listening = static_cast<TcpListener*>(self)->choose(*pcb);
    auto* made = new (std::nothrow) TcpSocket(listening.family());
    if (made == nullptr || listening.queued_ > listening.backlog_) {
        delete made;
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    made->inherit(listening, *pcb);
    tcp_backlog_delayed(pcb);
    made->in_accept_queue_ = true;
    listening.accept_queue_.push_back(*made);
    ++listening.queued_;
    listening.changed();
    return ERR_OK;
}

Outcome<> TcpSocket::listen(int backlog) {
    const net::CoreLock lock;
    const auto length = static_cast<std::uint32_t>(backlog < 0 || backlog > system_backlog ? system_backlog : backlog);
    if (listener_ != nullptr) {
        backlog_ = length;
        listener_->set_backlog();
        return {};
    }
    if (phase_ != Phase::unconnected || pcb_ != nullptr) return fail_with(EINVAL);
    if (!is_bound()) {
        local_ = wildcard(family(), options_.v6_only);
        CHECK(choose_port());
    } else if (!may_bind(*this, local_)) {
        return fail_with(EADDRINUSE);
    }
    CHECK(TcpListener::begin(*this, length));
    receive_shut_ = send_shut_ = was_connected_ = false;
    changed();
    return {};
}

Outcome<FileReference> TcpSocket::accept(int flags) {
    return block(input_, options_.receive_timeout, may_block(0), [&]() -> Outcome<FileReference> {
        if (listener_ == nullptr) return fail_with(EINVAL);
        TcpSocket* made = accept_queue_.pop_front();
        if (made == nullptr) return fail_with(EAGAIN);
        --queued_;
        made->in_accept_queue_ = false;
        if (made->pcb_ != nullptr) {
            tcp_backlog_accepted(made->pcb_);
            // lwIP has set its own since the connection was made.
            if (made->pcb_->unacked == nullptr) begin_window(*made->pcb_);
        }
        made->set_flags(flags);
        open_sockets().push_back(*made);
        made->changed();
        changed();
        return FileReference(made);
    });
}

void TcpSocket::leave_device_buffers() {
    unread_.leave_device_buffers();
    // Connections that wait are in no other list.
    accept_queue_.for_each([](TcpSocket& waiting) { waiting.unread_.leave_device_buffers(); });
}

void TcpSocket::stop_listening() {
    if (listener_ == nullptr) return;
    listener_->leave(*this);
    while (TcpSocket* waiting = accept_queue_.pop_front()) {
        // The program has never seen this connection: its peer gets a reset.
        waiting->drop_unread();
        if (tcp_pcb* pcb = waiting->detach(); pcb != nullptr) tcp_abort(pcb);
        waiting->is_closed_ = true;
        delete waiting;
    }
    queued_ = 0;
}

}  // namespace tenon::posix
