// SPDX-License-Identifier: Apache-2.0
// Stream sockets: how connections begin and end.
#include "userland/posix/net/tcp_socket.h"

#include <new>
#include <utility>

#include "kernel/time/clock.h"
#include "lwip/ip.h"
#include "lwip/priv/tcp_priv.h"
#include "userland/posix/net/memory_budget.h"
#include "userland/posix/net/port_rules.h"
#include "userland/posix/net/tcp_listener.h"

namespace tenon::posix {

Outcome<FileReference> TcpSocket::make(int family) {
    auto* socket = new (std::nothrow) TcpSocket(family);
    if (socket == nullptr) return fail_with(ENOMEM);
    return FileReference(socket);
}

// ---- The control block

Outcome<> TcpSocket::make_control_block() {
    tcp_pcb* pcb = tcp_new_ip_type(IP_GET_TYPE(&peer_.address));
    if (pcb == nullptr) return fail_with(ENOBUFS);
    attach(pcb);
    return {};
}

void TcpSocket::attach(tcp_pcb* pcb) {
    pcb_ = pcb;
    tcp_arg(pcb, this);
    tcp_recv(pcb, &TcpSocket::on_received);
    tcp_sent(pcb, &TcpSocket::on_sent);
    tcp_err(pcb, &TcpSocket::on_error);
    tcp_poll(pcb, &TcpSocket::on_poll, 1);
    if (options_.receive_limit_set && pcb->state == CLOSED) {
        pcb->rcv_max = receive_window();
        pcb->rcv_wnd = pcb->rcv_ann_wnd = TCPWND_MIN16(pcb->rcv_max);
    }
    apply_options();
}

tcp_pcb* TcpSocket::detach() {
    tcp_pcb* pcb = pcb_;
    pcb_ = nullptr;
    memory_budget().give_window(std::exchange(granted_, 0));
    if (pcb == nullptr) return nullptr;
    tcp_arg(pcb, nullptr);
    tcp_recv(pcb, nullptr);
    tcp_sent(pcb, nullptr);
    tcp_err(pcb, nullptr);
    tcp_poll(pcb, nullptr, 1);
    return pcb;
}

void TcpSocket::drop_unread() {
    memory_budget().give_unread(unread_.size());
    unread_.clear();
}

void TcpSocket::reset_connection() {
    if (tcp_pcb* pcb = detach(); pcb != nullptr) tcp_abort(pcb);
}

void TcpSocket::inherit(const TcpSocket& listening, tcp_pcb& pcb) {
    options_ = listening.options_;
    options_.priority = 0;
    tcp_options_ = listening.tcp_options_;
    phase_ = Phase::connected;
    established_ = was_connected_ = true;
    local_ = {pcb.local_ip, pcb.local_port};
    peer_ = {pcb.remote_ip, pcb.remote_port};
    attach(&pcb);
    begin_times(pcb);
}

// ---- Addresses

Outcome<> TcpSocket::bind(const Endpoint& local) {
    const net::CoreLock lock;
    if (is_bound() || phase_ != Phase::unconnected || listener_ != nullptr) return fail_with(EINVAL);
    CHECK(check_local_address(*this, local));
    const Endpoint before = local_;
    local_ = local;
    if (local.is_any()) local_.address = wildcard(local.is_v4() ? AF_INET : family(), options_.v6_only).address;
    if (local.port == 0) {
        if (const auto chosen = choose_port(); !chosen) {
            local_ = before;
            return chosen;
        }
    } else if (!may_bind(*this, local_)) {
        local_ = before;
        return fail_with(EADDRINUSE);
    }
    port_chosen_ = local.port != 0;
    address_chosen_ = !local.is_any();
    return {};
}

Outcome<> TcpSocket::choose_port() {
    local_.port = free_port(*this, local_);
    if (local_.port == 0) return fail_with(EADDRINUSE);
    return {};
}

Endpoint TcpSocket::local_name() { return local_; }

Outcome<Endpoint> TcpSocket::peer_name() {
    if (!established_) return fail_with(ENOTCONN);
    return peer_;
}

// ---- Connecting

Outcome<> TcpSocket::begin_connecting(const Endpoint& wanted) {
    peer_ = wanted;
    // Linux: the wildcard as a destination is this machine.
    if (peer_.is_any()) ip_addr_set_loopback_val(!peer_.is_v4(), peer_.address);
    if (peer_.is_v4() && family() == AF_INET6 && options_.v6_only) return fail_with(ENETUNREACH);
    if (peer_.is_multicast()) return fail_with(ENETUNREACH);
    if (peer_.is_v4() && ip_2_ip4(&peer_.address)->addr == IPADDR_BROADCAST) return fail_with(ENETUNREACH);
    if (address_chosen_ && IP_IS_V6_VAL(local_.address) != IP_IS_V6_VAL(peer_.address)) return fail_with(ENETUNREACH);
    if (options_.interface == 0 && route_to(local_.address, peer_.address) == nullptr) return fail_with(ENETUNREACH);
    if (!is_bound()) CHECK(choose_port());
    times_ = {};
    CHECK(make_control_block());
    if (address_chosen_) ip_addr_copy(pcb_->local_ip, local_.address);
    pcb_->local_port = local_.port;
    TCP_REG(&tcp_bound_pcbs, pcb_);
    const err_t error = tcp_connect(pcb_, &peer_.address, peer_.port, &TcpSocket::on_connected);
    if (error == ERR_OK) {
        ip_addr_copy(local_.address, pcb_->local_ip);
        return {};
    }
    tcp_abort(detach());
    switch (error) {
        case ERR_RTE: return fail_with(ENETUNREACH);
        case ERR_USE: return fail_with(EADDRNOTAVAIL);
        default: return fail_with(ENOBUFS);
    }
}

/// Reports the end of the attempt, once (Linux: __inet_stream_connect).
Outcome<> TcpSocket::connection_made() {
    if (established_) {
        phase_ = Phase::connected;
        return {};
    }
    phase_ = Phase::unconnected;
    receive_shut_ = send_shut_ = false;
    const auto error = take_error();
    changed();
    return error ? Outcome<>(fail_with(ECONNABORTED)) : error;
}

Outcome<> TcpSocket::connect(const Endpoint& peer) {
    bool begun = false;
    const auto result = block(output_, options_.send_timeout, may_block(0), [&]() -> Outcome<> {
        if (!begun) {
            if (listener_ != nullptr || phase_ == Phase::connected) return fail_with(EISCONN);
            if (phase_ == Phase::unconnected) {
                receive_shut_ = send_shut_ = was_connected_ = false;
                error_ = 0;
                const Endpoint before = local_;
                if (const auto sent = begin_connecting(peer); !sent) {
                    local_ = before;
                    return sent;
                }
                phase_ = Phase::connecting;
                changed();
            } else if (nonblocking() && pcb_ != nullptr && !established_) {
                return fail_with(EALREADY);
            }
            begun = true;
        }
        // Has the attempt ended?
        if (established_ || pcb_ == nullptr) return connection_made();
        return fail_with(EAGAIN);
    });
    if (!result && result.error().code == EAGAIN) return fail_with(EINPROGRESS);
    return result;
}

Outcome<> TcpSocket::disconnect() {
    const net::CoreLock lock;
    stop_listening();
    reset_connection();
    drop_unread();
    error_ = established_ ? ECONNRESET : 0;
    phase_ = Phase::unconnected;
    established_ = was_connected_ = receive_shut_ = send_shut_ = false;
    if (!port_chosen_) local_.port = 0;
    if (!address_chosen_) local_.address = wildcard(family(), options_.v6_only).address;
    changed();
    return {};
}

// ---- Ending

Outcome<> TcpSocket::shutdown(int how) {
    if (how < SHUT_RD || how > SHUT_RDWR) return fail_with(EINVAL);
    const bool receive = how != SHUT_WR, send = how != SHUT_RD;
    const net::CoreLock lock;
    if (listener_ != nullptr) {
        if (receive) {
            stop_listening();
            if (!port_chosen_) local_.port = 0;
        }
        changed();
        return {};
    }
    if (pcb_ != nullptr && !established_) {  // still connecting
        reset_connection();
        phase_ = Phase::unconnected;
        ended(ECONNRESET);
        return {};
    }
    if (!established_) return fail_with(ENOTCONN);
    receive_shut_ |= receive;
    if (send && !send_shut_) {
        send_shut_ = true;
        if (pcb_ != nullptr) (void)tcp_shutdown(pcb_, 0, 1);
    }
    changed();
    return {};
}

void TcpSocket::close_now() {
    stop_listening();
    const bool all_read = unread_.empty();
    drop_unread();
    tcp_pcb* pcb = pcb_;
    if (pcb == nullptr) return;
    if (options_.linger > 0 && established_ && all_read) {
        // linger() waits for the end, and releases the control block.
        if (!send_shut_) (void)tcp_shutdown(pcb, 0, 1);
        send_shut_ = receive_shut_ = true;
        if (pcb_ != nullptr) tcp_set_flags(pcb_, TF_RXCLOSED);
        return;
    }
    detach();
    // Unread data, which now stays unread, is answered with a reset (RFC 2525, section 2.17).
    if (!established_ || options_.linger == 0 || !all_read) {
        tcp_abort(pcb);
    } else {
        if (!send_shut_) (void)tcp_shutdown(pcb, 0, 1);
        tcp_set_flags(pcb, TF_RXCLOSED);
    }
    established_ = false;
}

bool TcpSocket::all_acknowledged() const {
    return pcb_ == nullptr || (pcb_->unsent == nullptr && pcb_->unacked == nullptr);
}

void TcpSocket::linger() {
    if (options_.linger <= 0) return;
    const Nanoseconds deadline = monotonic_now() + options_.linger * Nanoseconds{1'000'000'000};
    for (bool late = false;;) {
        const std::uint32_t seen = output_.value();
        {
            const net::CoreLock lock;
            if (all_acknowledged() || late) {
                detach();
                return;
            }
        }
        late = output_.wait(seen, deadline) == WaitResult::timed_out;
    }
}

void TcpSocket::ended(int error) {
    established_ = false;
    receive_shut_ = send_shut_ = true;
    if (error != 0) error_ = error;
    changed();
    input_.signal();
    output_.signal();
}

void TcpSocket::end_of_input() {
    receive_shut_ = true;
    changed();
    input_.signal();
}

void TcpSocket::connection_refused(int error) {
    if (tcp_pcb* pcb = detach(); pcb != nullptr) tcp_abandon(pcb, 0);
    ended(error);
}

// ---- lwIP's callbacks

err_t TcpSocket::on_connected(void* self, tcp_pcb* pcb, err_t) {
    auto& socket = *static_cast<TcpSocket*>(self);
    socket.established_ = socket.was_connected_ = true;
    socket.begin_times(*pcb);
    socket.changed();
    socket.output_.signal();
    return ERR_OK;
}

err_t TcpSocket::on_received(void* self, tcp_pcb* pcb, pbuf* chain, err_t) {
    auto& socket = *static_cast<TcpSocket*>(self);
    socket.times_.received = socket.times_.acknowledged = sys_now();
    if (chain != nullptr) {
        socket.times_.largest_received = std::max(socket.times_.largest_received, chain->tot_len);
        if (!memory_budget().take_unread(chain->tot_len)) return ERR_MEM;  // lwIP keeps the data, and tries again
        socket.unread_.append(chain);
        socket.changed();
        socket.input_.signal();
        return ERR_OK;
    }
    // The peer has sent its end. If this side has too, the control block only waits: lwIP frees it without a callback.
    if (pcb->state == TIME_WAIT || pcb->state == CLOSING) {
        socket.detach();
        socket.ended(0);
    } else {
        socket.end_of_input();
    }
    return ERR_OK;
}

err_t TcpSocket::on_sent(void* self, tcp_pcb*, u16_t) {
    auto& socket = *static_cast<TcpSocket*>(self);
    socket.times_.acknowledged = sys_now();
    socket.changed();
    if (socket.is_closed_) socket.output_.signal();
    return ERR_OK;
}

/// Ten times a second.
err_t TcpSocket::on_poll(void* self, tcp_pcb* pcb) {
    auto& socket = *static_cast<TcpSocket*>(self);
    if (const int error = socket.look_at_times(*pcb); error != 0) {
        socket.detach();
        tcp_abandon(pcb, pcb->state == SYN_SENT ? 0 : 1);
        socket.ended(error);
        return ERR_ABRT;
    }
    // A call that found no memory tries again.
    if (socket.output_.has_waiters()) socket.output_.signal();
    return ERR_OK;
}

/// The control block is gone.
void TcpSocket::on_error(void* self, err_t error) {
    auto& socket = *static_cast<TcpSocket*>(self);
    socket.pcb_ = nullptr;
    memory_budget().give_window(std::exchange(socket.granted_, 0));
    if (error == ERR_CLSD) {
        socket.ended(0);
    } else if (!socket.was_connected_) {
        socket.ended(error == ERR_RST ? ECONNREFUSED : ETIMEDOUT);
    } else {
        // Linux: a reset after the peer's end means that the peer reads no more.
        const bool end_was_seen = socket.receive_shut_;
        socket.ended(error == ERR_RST ? (end_was_seen ? EPIPE : ECONNRESET) : ETIMEDOUT);
    }
}

// ---- Readiness (Linux: tcp_poll)

short TcpSocket::compute_readiness() const {
    if (listener_ != nullptr) return queued_ != 0 ? POLLIN : 0;
    int ready = 0;
    const bool is_open = established_ || pcb_ != nullptr;
    if ((receive_shut_ && send_shut_) || !is_open) ready |= POLLHUP;
    if (receive_shut_) ready |= POLLIN | POLLRDHUP;
    if (established_ || !is_open) {
        if (unread_.size() >= options_.receive_low) ready |= POLLIN;
        if (send_shut_ || pcb_ == nullptr || is_writable()) ready |= POLLOUT;
    }
    if (error_ != 0) ready |= POLLERR;
    return static_cast<short>(ready);
}

}  // namespace tenon::posix
