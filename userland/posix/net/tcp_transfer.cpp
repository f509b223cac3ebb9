// SPDX-License-Identifier: Apache-2.0
// Stream sockets: bytes out and bytes in.
#include <algorithm>

#include "lwip/priv/tcp_priv.h"
#include "userland/posix/net/control_messages.h"
#include "userland/posix/net/memory_budget.h"
#include "userland/posix/net/tcp_socket.h"

namespace tenon::posix {
namespace {

constexpr std::size_t largest_piece = 0xFFFF;  // lwIP counts in 16 bits

}  // namespace

std::size_t TcpSocket::unsent_size() const { return pcb_ == nullptr ? 0 : TCP_SND_BUF - pcb_->snd_buf; }

/// Twice the data in flight, unless the program has chosen a size (Linux: tcp_sndbuf_expand). If the I/O zone is short,
/// at most `share`, and no more than a segment beyond the peer's window: peers that do not read leave it to others.
std::size_t TcpSocket::send_limit(std::size_t share) const {
    std::size_t limit = options_.send_limit;
    if (!options_.send_limit_set)
        limit = std::max(limit, std::min<std::size_t>(std::size_t{2} * pcb_->cwnd, TCP_SND_BUF));
    if (share == MemoryBudget::no_limit) return limit;
    return std::min({limit, std::size_t{pcb_->snd_wnd} + pcb_->mss, std::max<std::size_t>(share, pcb_->mss)});
}

std::size_t TcpSocket::room(std::size_t share) const {
    const std::uint32_t not_sent = pcb_->snd_lbb - pcb_->snd_nxt;
    if (tcp_options_.not_sent_low != 0 && not_sent >= tcp_options_.not_sent_low) return 0;
    const std::size_t used = TCP_SND_BUF - pcb_->snd_buf, limit = send_limit(share);
    if (used >= limit || pcb_->snd_queuelen >= TCP_SND_QUEUELEN) return 0;
    return std::min<std::size_t>(limit - used, pcb_->snd_buf);
}

/// Linux: a third of the buffer is free.
bool TcpSocket::is_writable() const {
    const std::size_t share = MemoryBudget::share_of_zone();
    return room(share) >= std::min<std::size_t>(options_.send_limit, send_limit(share)) / 3;
}

/// lwIP's tcp_write(). A copy has room behind it for the next small write, but not if the zone is short.
err_t TcpSocket::queue(std::span<const std::byte> data, bool more, std::size_t share) {
    const bool exact = share != MemoryBudget::no_limit && tcp_nagle_disabled(pcb_) == 0;
    if (exact) tcp_nagle_disable(pcb_);
    // MORE leaves out PSH, and has that room too.
    const u8_t flags = TCP_WRITE_FLAG_COPY | (more && !exact ? TCP_WRITE_FLAG_MORE : 0);
    const err_t error = tcp_write(pcb_, data.data(), static_cast<u16_t>(data.size()), flags);
    if (exact) tcp_nagle_enable(pcb_);
    return error;
}

std::size_t TcpSocket::write_some(Parts& from, bool more) {
    std::size_t done = 0;
    const std::size_t share = MemoryBudget::share_of_zone();
    for (std::size_t left = room(share); left != 0 && !from.at_end();) {
        const auto piece = from.contiguous();
        std::size_t size = std::min({piece.size(), left, largest_piece});
        err_t error = queue(piece.first(size), size < piece.size(), share);
        if (error == ERR_MEM && size > pcb_->mss) {
            size = pcb_->mss;
            error = queue(piece.first(size), size < piece.size(), share);
        }
        if (error != ERR_OK) break;
        from.advance(size);
        done += size;
        left = std::min(left - size, room(share));
    }
    // With MSG_MORE or TCP_CORK only whole segments are sent; the next call or the timer (200 ms at most) sends the
    // rest.
    if (done == 0) return 0;
    times_.sent = sys_now();
    if (!more || pcb_->unsent == nullptr || pcb_->unsent->next != nullptr || pcb_->unsent->len >= pcb_->mss)
        (void)tcp_output(pcb_);
    return done;
}

Outcome<std::size_t> TcpSocket::send(const OutgoingMessage& message) {
    if ((message.flags & MSG_OOB) != 0) return fail_with(EOPNOTSUPP);
    Parts from(message.parts);
    std::size_t done = 0;
    const bool more = (message.flags & MSG_MORE) != 0;
    const auto result = block(output_, options_.send_timeout, may_block(message.flags), [&]() -> Outcome<std::size_t> {
        if (done == 0) CHECK(take_error());
        if (error_ != 0) return done;
        if (send_shut_) return done != 0 ? Outcome<std::size_t>(done) : fail_with(EPIPE);
        if (!established_) return fail_with(pcb_ != nullptr ? EAGAIN : EPIPE);
        if (pcb_ != nullptr) done += write_some(from, more || tcp_options_.cork);
        if (from.at_end()) return done;
        changed();
        return fail_with(EAGAIN);
    });
    if (!result && done != 0) return done;
    return result;
}

/// A program that reads a whole window and leaves little unread is fast enough for a larger window.
void TcpSocket::grow_window(std::size_t taken) {
    if (pcb_ == nullptr || options_.receive_limit_set || (pcb_->flags & TF_WND_SCALE) == 0) return;
    taken_ += static_cast<std::uint32_t>(taken);
    const tcpwnd_size_t window = pcb_->rcv_max;
    if (taken_ < window || unread_.size() > window / 4) return;
    taken_ = 0;
    const tcpwnd_size_t most =
        tcp_options_.window_clamp != 0 ? std::min<tcpwnd_size_t>(TCP_WND, tcp_options_.window_clamp) : TCP_WND;
    const tcpwnd_size_t larger = std::min<tcpwnd_size_t>(window * 2, most);
    if (larger <= window || !memory_budget().take_window(larger - window)) return;
    granted_ += larger - window;
    pcb_->rcv_max = larger;
    pcb_->rcv_wnd += larger - window;
}

void TcpSocket::give_window_back(std::size_t size) {
    while (size != 0 && pcb_ != nullptr) {
        const std::size_t count = std::min(size, largest_piece);
        tcp_recved(pcb_, static_cast<u16_t>(count));
        size -= count;
    }
}

/// The reason why there is no data: an error, the end of the stream (no error), or no data yet (EAGAIN).
Outcome<> TcpSocket::reason_for_no_data() {
    CHECK(take_error());
    if (receive_shut_) return {};
    if (established_ || pcb_ != nullptr) return fail_with(EAGAIN);
    return was_connected_ ? Outcome<>() : fail_with(ENOTCONN);
}

std::size_t TcpSocket::take(IncomingMessage& message, Parts& to, std::size_t limit, std::size_t peeked) {
    // On a stream MSG_TRUNC discards the bytes (tcp(7)): there may be no buffer.
    const bool discards = (message.flags & MSG_TRUNC) != 0;
    if ((message.flags & MSG_PEEK) != 0)
        return discards ? std::min(limit, unread_.size() - peeked) : unread_.peek(to, limit, peeked);
    const std::size_t count = discards ? std::min(limit, unread_.size()) : unread_.peek(to, limit);
    unread_.drop(count);
    memory_budget().give_unread(count);
    grow_window(count);
    give_window_back(count);
    return count;
}

/// TCP_INQ: how much is left, so that the program need not ask. The end counts as a byte, as on Linux.
void TcpSocket::tell_unread(IncomingMessage& message) const {
    if (tcp_options_.tell_unread == 0) return;
    const int unread = static_cast<int>(unread_.size()) + (receive_shut_ ? 1 : 0);
    put_control(message, IPPROTO_TCP, TCP_CM_INQ, std::as_bytes(std::span(&unread, 1)));
}

Outcome<std::size_t> TcpSocket::receive(IncomingMessage& message) {
    if ((message.flags & MSG_ERRQUEUE) != 0) return fail_with(EAGAIN);
    if ((message.flags & MSG_OOB) != 0) return fail_with(EINVAL);
    const std::size_t wanted = size_of(message.parts);
    Parts to(message.parts);
    std::size_t done = 0;
    const auto result =
        block(input_, options_.receive_timeout, may_block(message.flags), [&]() -> Outcome<std::size_t> {
            if (listener_ != nullptr) return fail_with(ENOTCONN);
            const std::size_t enough =
                (message.flags & MSG_WAITALL) != 0
                    ? wanted
                    : std::max<std::size_t>(1, std::min<std::size_t>(options_.receive_low, wanted));
            const bool has_some = unread_.size() > ((message.flags & MSG_PEEK) != 0 ? done : 0);
            done += take(message, to, wanted - done, done);
            if (done >= enough || (wanted == 0 && has_some)) {
                changed();
                tell_unread(message);
                return done;
            }
            // Returns the bytes read; the next call returns the error.
            if (done == 0 || (error_ == 0 && !receive_shut_)) CHECK(reason_for_no_data());
            changed();
            tell_unread(message);
            return done;
        });
    if (!result && done != 0) return done;
    return result;
}

}  // namespace tenon::posix
