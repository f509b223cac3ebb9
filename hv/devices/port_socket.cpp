// SPDX-License-Identifier: Apache-2.0
// A console port's Unix socket.
#include "hv/devices/port_socket.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "hv/core/counters.h"
#include "hv/core/log.h"

namespace hv {

namespace {

/// Limit of the backlog; bytes beyond it are dropped. A device asks congested() first, and sends less than this at
/// once.
constexpr std::size_t backlog_limit = 256 * 1024;

Counter clients("agent.clients");
Counter bytes_in("agent.in_bytes");
Counter bytes_out("agent.out_bytes");
Counter bytes_dropped("agent.dropped_bytes");

}  // namespace

Result<std::unique_ptr<PortSocket>> PortSocket::create(EventLoop& loop, std::string path) {
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        return fail(ErrorKind::usage, fmt::format("agent socket '{}': the path has {} bytes, a socket's has at most {} "
                                                  "(choose a shorter --run-dir or --name)",
                                                  path, path.size(), sizeof(sockaddr_un::sun_path) - 1));
    std::unique_ptr<PortSocket> made(new PortSocket(loop, std::move(path)));
    made->listener_ = FileDescriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!made->listener_) return fail(ErrorKind::internal, fmt::format("agent socket: {}", std::strerror(errno)));
    return made;
}

PortSocket::~PortSocket() {
    if (client_) loop_.unwatch(client_.get());
    if (open_) loop_.unwatch(listener_.get());
}

void PortSocket::open() {
    if (open_) return;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    // Remove the socket that a dead machine of this name left behind.
    unlink(path_.c_str());
    if (bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_.get(), SOMAXCONN) != 0) {
        // Said once: a guest can open its port as often as it likes.
        if (!std::exchange(told_, true)) log_line(fmt::format("agent socket '{}': {}", path_, std::strerror(errno)));
        return;
    }
    open_ = loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept_client(); }).has_value();
}

void PortSocket::accept_client() {
    FileDescriptor socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket && take_client(std::move(socket))) clients.add();
}

bool PortSocket::take_client(FileDescriptor socket) {
    input_wanted_ = input_ended_ = false;
    if (!loop_.watch(socket.get(), 0, [this](std::uint32_t events) { on_client(events); })) return false;
    client_ = std::move(socket);
    loop_.change(listener_.get(), 0);
    if (handlers_.client_changed) handlers_.client_changed();
    return true;
}

bool PortSocket::adopt(FileDescriptor socket) {
    if (!open_ || client_) return false;
    adopted_ = take_client(std::move(socket));
    return adopted_;
}

void PortSocket::release() {
    if (adopted_) drop_client();
}

void PortSocket::drop_client() {
    loop_.unwatch(client_.get());
    client_ = FileDescriptor();
    adopted_ = false;
    const bool was_congested = congested();
    bytes_dropped.add(backlog_.size());
    backlog_ = {};
    loop_.change(listener_.get(), EPOLLIN);
    if (handlers_.client_changed) handlers_.client_changed();
    if (was_congested && handlers_.drained) handlers_.drained();
}

void PortSocket::on_client(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && congested()) {
        backlog_.erase(0, send_some(backlog_));
        if (!congested()) {
            backlog_ = {};
            watch_client();
            if (handlers_.drained) handlers_.drained();
        }
    }
    if ((events & EPOLLIN) != 0 && input_wanted_ && handlers_.input) return handlers_.input();
    // epoll reports these even if not asked for: the client has closed the socket, or both directions are shut.
    if (client_ && (events & (EPOLLHUP | EPOLLERR)) != 0) drop_client();
}

void PortSocket::watch_client() {
    if (client_)
        loop_.change(client_.get(), (input_wanted_ && !input_ended_ ? EPOLLIN : 0U) | (congested() ? EPOLLOUT : 0U));
}

void PortSocket::want_input(bool wanted) {
    if (input_wanted_ == wanted) return;
    input_wanted_ = wanted;
    watch_client();
}

std::size_t PortSocket::read(const iovec& space) {
    if (!client_) return 0;
    const ssize_t size = recv(client_.get(), space.iov_base, space.iov_len, 0);
    if (size > 0) {
        bytes_in.add(static_cast<std::uint64_t>(size));
        return static_cast<std::size_t>(size);
    }
    if (size == 0) {
        input_ended_ = true;
        watch_client();
    } else if (errno != EAGAIN && errno != EINTR) {
        drop_client();
    }
    return 0;
}

std::size_t PortSocket::send_some(std::string_view text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t sent = send(client_.get(), text.data() + done, text.size() - done, MSG_NOSIGNAL);
        // If the client is gone, epoll reports EPOLLHUP; until then the backlog is bounded.
        if (sent < 0) break;
        done += static_cast<std::size_t>(sent);
        bytes_out.add(static_cast<std::uint64_t>(sent));
    }
    return done;
}

void PortSocket::write(std::string_view text) {
    if (!client_) return bytes_dropped.add(text.size());
    if (!congested()) text.remove_prefix(send_some(text));
    if (text.empty()) return;
    const std::size_t room = backlog_limit - std::min(backlog_limit, backlog_.size());
    if (text.size() > room) bytes_dropped.add(text.size() - room);
    backlog_.append(text.substr(0, room));
    watch_client();
}

}  // namespace hv
