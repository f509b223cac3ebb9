// SPDX-License-Identifier: Apache-2.0
// The calls of a socket of IP that have addresses and messages.
#include <climits>

#include "userland/posix/net/socket.h"

namespace tenon::posix {
namespace {

constexpr std::size_t largest_transfer = 0x7FFFF000;  // Linux, MAX_RW_COUNT

/// Where a datagram goes: an AF_INET6 socket takes addresses of AF_INET too (Linux: udpv6_sendmsg).
Outcome<Endpoint> destination(const Socket& socket, const sockaddr* address, socklen_t size) {
    if (size < sizeof(sa_family_t)) return fail_with(EINVAL);
    const bool four_in_six = socket.family() == AF_INET6 && address->sa_family == AF_INET;
    return read_endpoint(address, size, four_in_six ? AF_INET : socket.family());
}

}  // namespace

Outcome<FileReference> make_internet_socket(int family, int type, int protocol, int flags) {
    return Socket::open(family, type, protocol, flags);
}

Outcome<> get_internet_option(SocketFile& socket, int level, int option, OptionValue& value) {
    return static_cast<Socket&>(socket).get_option(level, option, value);
}

Outcome<> Socket::bind_address(const sockaddr* address, socklen_t size) {
    auto local = read_endpoint(address, size, family());
    // Linux takes AF_UNSPEC for AF_INET where the address is the wildcard, for old programs.
    if (!local && address != nullptr && size >= sizeof(sockaddr_in) && family() == AF_INET &&
        address->sa_family == AF_UNSPEC &&
        reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr == INADDR_ANY) {
        sockaddr_in four = *reinterpret_cast<const sockaddr_in*>(address);
        four.sin_family = AF_INET;
        local = read_endpoint(reinterpret_cast<const sockaddr*>(&four), sizeof(four), AF_INET);
    }
    if (!local) return std::unexpected(local.error());
    return bind(*local);
}

Outcome<> Socket::connect_address(const sockaddr* address, socklen_t size) {
    if (address == nullptr) return fail_with(EFAULT);
    if (size < sizeof(sa_family_t)) return fail_with(EINVAL);
    if (address->sa_family == AF_UNSPEC) return disconnect();
    TRY(const Endpoint peer, read_endpoint(address, size, family()));
    return connect(peer);
}

Outcome<FileReference> Socket::accept_connection(int flags, sockaddr* address, socklen_t* size) {
    TRY(FileReference made, accept(flags));
    Socket& socket = cast(made);
    const net::CoreLock lock;
    // A peer that has already disconnected leaves no address; the program gets the connection all the same.
    if (const auto peer = socket.peer_name(); peer) (void)write_endpoint(*peer, socket.family(), address, size);
    return made;
}

Outcome<> Socket::give_name(bool peer, sockaddr* address, socklen_t* size) {
    Endpoint name;
    {
        const net::CoreLock lock;
        if (peer) {
            TRY(name, peer_name());
        } else {
            name = local_name();
        }
    }
    if (address == nullptr || size == nullptr) return fail_with(EFAULT);
    return write_endpoint(name, family(), address, size);
}

Outcome<std::size_t> Socket::send_message(const msghdr& header, int flags) {
    if (header.msg_iovlen > IOV_MAX) return fail_with(EMSGSIZE);
    OutgoingMessage message{.parts = {header.msg_iov, header.msg_iovlen}, .flags = flags};
    if (size_of(message.parts) > largest_transfer) return fail_with(EMSGSIZE);
    if (header.msg_control != nullptr)
        message.control = {static_cast<const std::byte*>(header.msg_control), header.msg_controllen};
    Endpoint to;
    // A connected stream has one destination; Linux ignores the address.
    if (header.msg_name != nullptr && type() != SOCK_STREAM) {
        TRY(to, destination(*this, static_cast<const sockaddr*>(header.msg_name), header.msg_namelen));
        message.to = &to;
    }
    return send(message);
}

Outcome<std::size_t> Socket::receive_message(msghdr& header, int flags) {
    if (header.msg_iovlen > IOV_MAX) return fail_with(EMSGSIZE);
    if (header.msg_name != nullptr && static_cast<int>(header.msg_namelen) < 0) return fail_with(EINVAL);
    IncomingMessage message{.parts = {header.msg_iov, header.msg_iovlen}, .flags = flags};
    if (header.msg_control != nullptr)
        message.control = {static_cast<std::byte*>(header.msg_control), header.msg_controllen};
    TRY(const std::size_t size, receive(message));
    if (header.msg_name != nullptr) {
        if (message.has_from)
            (void)write_endpoint(message.from, family(), static_cast<sockaddr*>(header.msg_name), &header.msg_namelen);
        else
            header.msg_namelen = 0;
    }
    header.msg_controllen = message.control_size;
    header.msg_flags = message.result_flags | (flags & MSG_CMSG_CLOEXEC);
    return size;
}

}  // namespace tenon::posix
