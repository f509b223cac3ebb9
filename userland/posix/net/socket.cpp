// SPDX-License-Identifier: Apache-2.0
// The base class of sockets.
#include "userland/posix/net/socket.h"

#include <netinet/in.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "userland/posix/net/datagram_socket.h"
#include "userland/posix/net/interface_control.h"
#include "userland/posix/net/ip_options.h"
#include "userland/posix/net/open_sockets.h"
#include "userland/posix/net/tcp_socket.h"
#include "userland/posix/status.h"

namespace tenon::posix {
namespace {

constexpr int protocol_limit = 256;  // IPPROTO_MAX of IP itself

Outcome<FileReference> make(int family, int type, int protocol) {
    switch (type) {
        case SOCK_STREAM:
            if (protocol != 0 && protocol != IPPROTO_TCP) return fail_with(EPROTONOSUPPORT);
            return TcpSocket::make(family);
        case SOCK_DGRAM:
            if (protocol != 0 && protocol != IPPROTO_UDP) return fail_with(EPROTONOSUPPORT);
            return make_udp_socket(family);
        case SOCK_RAW:
            if (protocol == 0) return fail_with(EPROTONOSUPPORT);
            return make_raw_socket(family, protocol);
        default: return fail_with(ESOCKTNOSUPPORT);
    }
}

}  // namespace

Outcome<FileReference> Socket::open(int family, int type, int protocol, int flags) {
    if (type < 0 || type > SOCK_PACKET) return fail_with(EINVAL);
    if (family != AF_INET && family != AF_INET6) return fail_with(EAFNOSUPPORT);
    if (protocol < 0 || protocol >= protocol_limit) return fail_with(EINVAL);
    TRY(FileReference file, make(family, type, protocol));
    auto& socket = cast(file);
    socket.set_flags(flags);
    const net::CoreLock lock;
    open_sockets().push_back(socket);
    socket.changed();
    return file;
}

void Socket::changed() {
    const short before = ready_.load(std::memory_order_relaxed);
    const short now = compute_readiness();
    ready_.store(now, std::memory_order_release);
    // Edge-triggered observers are notified of every addition, also when the readiness stays the same.
    if ((now & (POLLIN | POLLHUP | POLLERR | POLLRDHUP)) != 0) input_.signal();
    if ((now & (POLLOUT | POLLHUP | POLLERR)) != 0) output_.signal();
    if ((now & ~before) != 0 || (now & POLLIN) != 0) readiness_changed();
}

void Socket::closed() {
    {
        const net::CoreLock lock;
        if (is_closed_) return;
        is_closed_ = true;
        open_sockets().remove(*this);
        leave_all_groups(*this);
        close_now();
        // A call that another thread is inside ends with EBADF.
        input_.signal();
        output_.signal();
        readiness_changed();
    }
    linger();
}

void Socket::close_at_end() {
    const net::CoreLock lock;
    if (is_closed_) return;
    options_.linger = std::min(options_.linger, 0);
    is_closed_ = true;
    open_sockets().remove(*this);
    leave_all_groups(*this);
    close_now();
}

void Socket::destroy() {
    closed();  // there was no descriptor left for it
    destroy_object();
}

Outcome<std::size_t> Socket::read(std::span<std::byte> buffer) {
    const iovec part{buffer.data(), buffer.size()};
    return read_parts({&part, 1});
}

Outcome<std::size_t> Socket::write(std::span<const std::byte> data) {
    const iovec part{const_cast<std::byte*>(data.data()), data.size()};
    return write_parts({&part, 1});
}

Outcome<std::size_t> Socket::read_parts(std::span<const iovec> parts) {
    // read() of no bytes is 0 at once, where recv() of none waits.
    if (type_ == SOCK_STREAM && size_of(parts) == 0) return 0;
    IncomingMessage message{.parts = parts};
    return receive(message);
}

Outcome<std::size_t> Socket::write_parts(std::span<const iovec> parts) { return send({.parts = parts}); }

Outcome<> Socket::status(struct stat& status) {
    status = make_status(S_IFSOCK | 0777, inode_of_others);
    return {};
}

Outcome<int> Socket::control(unsigned long request, void* argument) {
    switch (request) {
        case FIONREAD: {
            const net::CoreLock lock;
            // Linux: a listening socket has no bytes to count.
            if (is_listening()) return fail_with(EINVAL);
            return give(argument, static_cast<int>(unread_size()));
        }
        case TIOCOUTQ: {
            const net::CoreLock lock;
            if (is_listening()) return fail_with(EINVAL);
            return give(argument, static_cast<int>(unsent_size()));
        }
        case SIOCATMARK:
            // There is no urgent data, and so no mark.
            if (type_ != SOCK_STREAM) return control_interface(request, argument);
            *static_cast<int*>(argument) = 0;
            return 0;
        default: return control_interface(request, argument);
    }
}

}  // namespace tenon::posix
