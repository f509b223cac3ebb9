// SPDX-License-Identifier: Apache-2.0
// The socket functions under their POSIX names.
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <climits>

#include "userland/posix/net/socket.h"

namespace tenon::posix {
namespace {

constexpr int type_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
constexpr std::size_t largest_transfer = 0x7FFFF000;  // Linux, MAX_RW_COUNT

int file_flags(int type) { return (type & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0; }

Outcome<int> open_socket(int family, int type, int protocol) {
    TRY(FileReference file, Socket::open(family, type & ~type_flags, protocol, file_flags(type)));
    return open_descriptor(std::move(file), (type & SOCK_CLOEXEC) != 0);
}

Outcome<> open_pair(int family, int* descriptors) {
    if (descriptors == nullptr) return fail_with(EFAULT);
    return fail_with(family == AF_INET || family == AF_INET6 ? EOPNOTSUPP : EAFNOSUPPORT);
}

Outcome<> bind_socket(int fd, const sockaddr* address, socklen_t size) {
    TRY(FileReference file, Socket::of(fd));
    Socket& socket = Socket::cast(file);
    auto local = read_endpoint(address, size, socket.family());
    // Linux takes AF_UNSPEC for AF_INET where the address is the wildcard, for old programs.
    if (!local && address != nullptr && size >= sizeof(sockaddr_in) && socket.family() == AF_INET &&
        address->sa_family == AF_UNSPEC &&
        reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr == INADDR_ANY) {
        sockaddr_in four = *reinterpret_cast<const sockaddr_in*>(address);
        four.sin_family = AF_INET;
        local = read_endpoint(reinterpret_cast<const sockaddr*>(&four), sizeof(four), AF_INET);
    }
    if (!local) return std::unexpected(local.error());
    return socket.bind(*local);
}

Outcome<> connect_socket(int fd, const sockaddr* address, socklen_t size) {
    TRY(FileReference file, Socket::of(fd));
    Socket& socket = Socket::cast(file);
    if (address == nullptr) return fail_with(EFAULT);
    if (size < sizeof(sa_family_t)) return fail_with(EINVAL);
    if (address->sa_family == AF_UNSPEC) return socket.disconnect();
    TRY(const Endpoint peer, read_endpoint(address, size, socket.family()));
    return socket.connect(peer);
}

Outcome<int> accept_connection(int fd, sockaddr* address, socklen_t* size, int flags) {
    if ((flags & ~type_flags) != 0) return fail_with(EINVAL);
    TRY(FileReference file, Socket::of(fd));
    if (address != nullptr && size != nullptr && static_cast<int>(*size) < 0) return fail_with(EINVAL);
    TRY(FileReference made, Socket::cast(file).accept(file_flags(flags)));
    Socket& socket = Socket::cast(made);
    {
        const net::CoreLock lock;
        // A peer that has already disconnected leaves no address; the program gets the connection all the same.
        if (const auto peer = socket.peer_name(); peer) (void)write_endpoint(*peer, socket.family(), address, size);
    }
    return open_descriptor(std::move(made), (flags & SOCK_CLOEXEC) != 0);
}

Outcome<> name_of(int fd, sockaddr* address, socklen_t* size, bool peer) {
    TRY(FileReference file, Socket::of(fd));
    Socket& socket = Socket::cast(file);
    Endpoint name;
    {
        const net::CoreLock lock;
        if (peer) {
            TRY(name, socket.peer_name());
        } else {
            name = socket.local_name();
        }
    }
    if (address == nullptr || size == nullptr) return fail_with(EFAULT);
    return write_endpoint(name, socket.family(), address, size);
}

/// Where a datagram goes: an AF_INET6 socket takes addresses of AF_INET too (Linux: udpv6_sendmsg).
Outcome<Endpoint> destination(const Socket& socket, const sockaddr* address, socklen_t size) {
    if (size < sizeof(sa_family_t)) return fail_with(EINVAL);
    const bool four_in_six = socket.family() == AF_INET6 && address->sa_family == AF_INET;
    return read_endpoint(address, size, four_in_six ? AF_INET : socket.family());
}

Outcome<std::size_t> send_message(int fd, const msghdr& header, int flags) {
    TRY(FileReference file, Socket::of(fd));
    Socket& socket = Socket::cast(file);
    if (header.msg_iovlen > IOV_MAX) return fail_with(EMSGSIZE);
    OutgoingMessage message{.parts = {header.msg_iov, header.msg_iovlen}, .flags = flags};
    if (size_of(message.parts) > largest_transfer) return fail_with(EMSGSIZE);
    if (header.msg_control != nullptr)
        message.control = {static_cast<const std::byte*>(header.msg_control), header.msg_controllen};
    Endpoint to;
    // A connected stream has one destination; Linux ignores the address.
    if (header.msg_name != nullptr && socket.type() != SOCK_STREAM) {
        TRY(to, destination(socket, static_cast<const sockaddr*>(header.msg_name), header.msg_namelen));
        message.to = &to;
    }
    return socket.send(message);
}

Outcome<std::size_t> receive_message(int fd, msghdr& header, int flags) {
    TRY(FileReference file, Socket::of(fd));
    Socket& socket = Socket::cast(file);
    if (header.msg_iovlen > IOV_MAX) return fail_with(EMSGSIZE);
    if (header.msg_name != nullptr && static_cast<int>(header.msg_namelen) < 0) return fail_with(EINVAL);
    IncomingMessage message{.parts = {header.msg_iov, header.msg_iovlen}, .flags = flags};
    if (header.msg_control != nullptr)
        message.control = {static_cast<std::byte*>(header.msg_control), header.msg_controllen};
    TRY(const std::size_t size, socket.receive(message));
    if (header.msg_name != nullptr) {
        if (message.has_from)
            (void)write_endpoint(message.from, socket.family(), static_cast<sockaddr*>(header.msg_name),
                                 &header.msg_namelen);
        else
            header.msg_namelen = 0;
    }
    header.msg_controllen = message.control_size;
    header.msg_flags = message.result_flags | (flags & MSG_CMSG_CLOEXEC);
    return size;
}

Outcome<std::size_t> send_to(int fd, const void* data, std::size_t size, int flags, const sockaddr* address,
                             socklen_t address_size) {
    iovec part{const_cast<void*>(data), size > largest_transfer ? largest_transfer : size};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_name = const_cast<sockaddr*>(address);
    header.msg_namelen = address_size;
    return send_message(fd, header, flags);
}

Outcome<std::size_t> receive_from(int fd, void* buffer, std::size_t size, int flags, sockaddr* address,
                                  socklen_t* address_size) {
    iovec part{buffer, size > largest_transfer ? largest_transfer : size};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (address != nullptr && address_size != nullptr) {
        header.msg_name = address;
        header.msg_namelen = *address_size;
    }
    TRY(const std::size_t received, receive_message(fd, header, flags));
    if (header.msg_name != nullptr) *address_size = header.msg_namelen;
    return received;
}

template <typename Call>
int with_socket(int fd, Call&& call) {
    const auto file = Socket::of(fd);
    return answer(file ? call(Socket::cast(*file)) : Outcome<>(std::unexpected(file.error())));
}

}  // namespace

extern "C" {

int socket(int family, int type, int protocol) { return answer(open_socket(family, type, protocol)); }
int socketpair(int family, int, int, int descriptors[2]) { return answer(open_pair(family, descriptors)); }
int bind(int fd, const sockaddr* address, socklen_t size) { return answer(bind_socket(fd, address, size)); }
int connect(int fd, const sockaddr* address, socklen_t size) { return answer(connect_socket(fd, address, size)); }
int listen(int fd, int backlog) {
    return with_socket(fd, [&](Socket& socket) { return socket.listen(backlog); });
}
int accept(int fd, sockaddr* address, socklen_t* size) { return answer(accept_connection(fd, address, size, 0)); }
int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
    return answer(accept_connection(fd, address, size, flags));
}
int shutdown(int fd, int how) {
    return with_socket(fd, [&](Socket& socket) { return socket.shutdown(how); });
}
int sockatmark(int fd) {
    int mark = 0;
    return ioctl(fd, SIOCATMARK, &mark) == 0 ? mark : -1;
}
int getsockname(int fd, sockaddr* address, socklen_t* size) { return answer(name_of(fd, address, size, false)); }
int getpeername(int fd, sockaddr* address, socklen_t* size) { return answer(name_of(fd, address, size, true)); }

ssize_t send(int fd, const void* data, size_t size, int flags) {
    return answer(send_to(fd, data, size, flags, nullptr, 0));
}
ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* address, socklen_t address_size) {
    return answer(send_to(fd, data, size, flags, address, address_size));
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) { return answer(send_message(fd, *message, flags)); }
ssize_t recv(int fd, void* buffer, size_t size, int flags) {
    return answer(receive_from(fd, buffer, size, flags, nullptr, nullptr));
}
ssize_t recvfrom(int fd, void* buffer, size_t size, int flags, sockaddr* address, socklen_t* address_size) {
    return answer(receive_from(fd, buffer, size, flags, address, address_size));
}
ssize_t recvmsg(int fd, msghdr* message, int flags) { return answer(receive_message(fd, *message, flags)); }

}  // extern "C"

}  // namespace tenon::posix
