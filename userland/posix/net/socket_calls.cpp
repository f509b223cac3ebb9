// SPDX-License-Identifier: Apache-2.0
// The socket functions under their POSIX names.
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "userland/posix/net/socket_file.h"

namespace tenon::posix {
namespace {

constexpr int type_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
constexpr std::size_t largest_transfer = 0x7FFFF000;  // Linux, MAX_RW_COUNT

int file_flags(int type) { return (type & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0; }

Outcome<FileReference> make_socket(int family, int type, int protocol, int flags) {
    if (family == AF_UNIX && &make_local_socket != nullptr) return make_local_socket(type, protocol, flags);
    return make_internet_socket(family, type, protocol, flags);
}

Outcome<int> open_socket(int family, int type, int protocol) {
    TRY(FileReference file, make_socket(family, type & ~type_flags, protocol, file_flags(type)));
    return open_descriptor(std::move(file), (type & SOCK_CLOEXEC) != 0);
}

Outcome<int> accept_connection(int fd, sockaddr* address, socklen_t* size, int flags) {
    if ((flags & ~type_flags) != 0) return fail_with(EINVAL);
    TRY(FileReference file, SocketFile::of(fd));
    if (address != nullptr && size != nullptr && static_cast<int>(*size) < 0) return fail_with(EINVAL);
    TRY(FileReference made, SocketFile::cast(file).accept_connection(file_flags(flags), address, size));
    return open_descriptor(std::move(made), (flags & SOCK_CLOEXEC) != 0);
}

Outcome<std::size_t> send_message(int fd, const msghdr& header, int flags) {
    TRY(FileReference file, SocketFile::of(fd));
    return SocketFile::cast(file).send_message(header, flags);
}

Outcome<std::size_t> receive_message(int fd, msghdr& header, int flags) {
    TRY(FileReference file, SocketFile::of(fd));
    return SocketFile::cast(file).receive_message(header, flags);
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
    const auto file = SocketFile::of(fd);
    return answer(file ? call(SocketFile::cast(*file)) : Outcome<>(std::unexpected(file.error())));
}

}  // namespace

Outcome<FileReference> SocketFile::of(int fd) {
    auto file = file_of(fd);
    if (file && (*file)->kind() != Kind::socket) return fail_with(ENOTSOCK);
    return file;
}

extern "C" {

int socket(int family, int type, int protocol) { return answer(open_socket(family, type, protocol)); }
int bind(int fd, const sockaddr* address, socklen_t size) {
    return with_socket(fd, [&](SocketFile& socket) { return socket.bind_address(address, size); });
}
int connect(int fd, const sockaddr* address, socklen_t size) {
    return with_socket(fd, [&](SocketFile& socket) { return socket.connect_address(address, size); });
}
int listen(int fd, int backlog) {
    return with_socket(fd, [&](SocketFile& socket) { return socket.listen(backlog); });
}
int accept(int fd, sockaddr* address, socklen_t* size) { return answer(accept_connection(fd, address, size, 0)); }
int accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
    return answer(accept_connection(fd, address, size, flags));
}
int shutdown(int fd, int how) {
    return with_socket(fd, [&](SocketFile& socket) { return socket.shutdown(how); });
}
int sockatmark(int fd) {
    int mark = 0;
    return ioctl(fd, SIOCATMARK, &mark) == 0 ? mark : -1;
}
int getsockname(int fd, sockaddr* address, socklen_t* size) {
    return with_socket(fd, [&](SocketFile& socket) { return socket.give_name(false, address, size); });
}
int getpeername(int fd, sockaddr* address, socklen_t* size) {
    return with_socket(fd, [&](SocketFile& socket) { return socket.give_name(true, address, size); });
}

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
