// SPDX-License-Identifier: Apache-2.0
// The socket functions under their POSIX names.
#include <sys/socket.h>

#include "lwip/sockets.h"
#include "userland/posix/net/socket_file.h"

namespace tenon::posix {
namespace {

constexpr int type_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

int file_flags(int type) { return (type & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0; }

Outcome<int> open_socket(int domain, int type, int protocol) {
    TRY(FileReference file, SocketFile::open(domain, type & ~type_flags, protocol, file_flags(type)));
    return open_descriptor(std::move(file), (type & SOCK_CLOEXEC) != 0);
}

Outcome<int> accept_connection(int fd, sockaddr* address, socklen_t* size, int flags) {
    if ((flags & ~type_flags) != 0) return fail_with(EINVAL);
    TRY(FileReference file, SocketFile::of(fd));
    TRY(FileReference made, SocketFile::cast(file).accept(address, size, file_flags(flags)));
    return open_descriptor(std::move(made), (flags & SOCK_CLOEXEC) != 0);
}

/// Calls call(number) of the socket `fd`, for functions that need nothing but lwIP's answer.
template <typename Call>
auto with_socket(int fd, Call&& call) -> decltype(call(0)) {
    const auto file = SocketFile::of(fd);
    if (!file) {
        errno = file.error().code;
        return -1;
    }
    return call(SocketFile::cast(*file).number());
}

/// The address functions of lwIP fill what they are given room for; POSIX lets a program give less, or nothing.
template <typename Call>
int get_address(int fd, sockaddr* address, socklen_t* size, Call&& call) {
    return with_socket(fd, [&](int number) {
        sockaddr_storage whole;
        socklen_t whole_size = sizeof(whole);
        const int result = call(number, reinterpret_cast<sockaddr*>(&whole), &whole_size);
        if (result < 0 || address == nullptr || size == nullptr) return result;
        __builtin_memcpy(address, &whole, *size < whole_size ? *size : whole_size);
        *size = whole_size;
        return 0;
    });
}

Outcome<std::size_t> send_to(int fd, const void* data, size_t size, int flags, const sockaddr* address,
                             socklen_t address_size) {
    TRY(FileReference file, SocketFile::of(fd));
    auto& socket = SocketFile::cast(file);
    if (address == nullptr) return socket.send({static_cast<const std::byte*>(data), size}, flags);
    TRY(const SocketAddress to, SocketAddress::copy(address, address_size));
    return outcome_of(lwip_sendto(socket.number(), data, size, flags, &to.any, to.size));
}

Outcome<std::size_t> send_message(int fd, const msghdr& message, int flags) {
    TRY(FileReference file, SocketFile::of(fd));
    if (message.msg_name == nullptr) return SocketFile::cast(file).send(message, flags);
    TRY(SocketAddress to, SocketAddress::copy(static_cast<const sockaddr*>(message.msg_name), message.msg_namelen));
    msghdr copy = message;
    copy.msg_name = &to.any;
    copy.msg_namelen = to.size;
    return outcome_of(lwip_sendmsg(SocketFile::cast(file).number(), &copy, flags));
}

Outcome<std::size_t> receive_from(int fd, void* buffer, size_t size, int flags, sockaddr* address,
                                  socklen_t* address_size) {
    TRY(FileReference file, SocketFile::of(fd));
    return SocketFile::cast(file).receive(buffer, size, flags, address, address_size);
}

}  // namespace

extern "C" {

int socket(int domain, int type, int protocol) { return answer(open_socket(domain, type, protocol)); }

int socketpair(int, int, int, int[2]) {
    errno = EOPNOTSUPP;
    return -1;
}

int bind(int fd, const sockaddr* address, socklen_t size) {
    const auto file = SocketFile::of(fd);
    return answer(file ? SocketFile::cast(*file).bind(address, size) : Outcome<>(std::unexpected(file.error())));
}

int listen(int fd, int backlog) {
    return with_socket(fd, [&](int number) { return lwip_listen(number, backlog > 255 ? 255 : backlog); });
}

int accept(int fd, sockaddr* address, socklen_t* size) { return answer(accept_connection(fd, address, size, 0)); }
int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
    return answer(accept_connection(fd, address, size, flags));
}

int connect(int fd, const sockaddr* address, socklen_t size) {
    const auto file = SocketFile::of(fd);
    return answer(file ? SocketFile::cast(*file).connect(address, size) : Outcome<>(std::unexpected(file.error())));
}

int shutdown(int fd, int how) {
    return with_socket(fd, [&](int number) { return lwip_shutdown(number, how); });
}

int getsockname(int fd, sockaddr* address, socklen_t* size) { return get_address(fd, address, size, lwip_getsockname); }
int getpeername(int fd, sockaddr* address, socklen_t* size) { return get_address(fd, address, size, lwip_getpeername); }

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
ssize_t recvmsg(int fd, msghdr* message, int flags) {
    const auto file = SocketFile::of(fd);
    return answer(file ? SocketFile::cast(*file).receive(*message, flags)
                       : Outcome<std::size_t>(std::unexpected(file.error())));
}

}  // extern "C"

}  // namespace tenon::posix
