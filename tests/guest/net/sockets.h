// SPDX-License-Identifier: Apache-2.0
// The common part of the sockets' tests: descriptors that close themselves, and pairs over loopback.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "tests/guest/test.h"

namespace tenon::test {

class Socket {
public:
    Socket() = default;
    explicit Socket(int fd) : fd_(fd) {}
    Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Socket& operator=(Socket&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Socket() { reset(); }
    void reset() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_ = -1;
};

inline sockaddr_in loopback(std::uint16_t port = 0) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
inline sockaddr_in6 loopback6(std::uint16_t port = 0) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    return address;
}

template <typename Address>
const sockaddr* generic(const Address& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}
template <typename Address>
sockaddr* generic(Address& address) {
    return reinterpret_cast<sockaddr*>(&address);
}

template <typename Address>
Address name_of(const Socket& socket) {
    Address address{};
    socklen_t size = sizeof(address);
    EXPECT(getsockname(socket.get(), generic(address), &size) == 0);
    EXPECT(size == sizeof(address));
    return address;
}

/// Listens on a loopback port that the stack chooses.
inline Socket listener(int backlog = 16) {
    Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
    EXPECT(socket.get() >= 0);
    const sockaddr_in address = loopback();
    EXPECT(bind(socket.get(), generic(address), sizeof(address)) == 0);
    EXPECT(listen(socket.get(), backlog) == 0);
    return socket;
}

inline Socket connect_to(const Socket& listening) {
    Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
    EXPECT(socket.get() >= 0);
    const auto address = name_of<sockaddr_in>(listening);
    EXPECT(connect(socket.get(), generic(address), sizeof(address)) == 0);
    return socket;
}

struct Pair {
    Socket client, server;
};

inline Pair connected_pair() {
    const Socket listening = listener();
    Pair pair;
    pair.client = connect_to(listening);
    pair.server = Socket(accept(listening.get(), nullptr, nullptr));
    EXPECT(pair.server.get() >= 0);
    return pair;
}

inline void set_timeout(const Socket& socket, int option, int milliseconds) {
    const timeval timeout{.tv_sec = milliseconds / 1000, .tv_usec = milliseconds % 1000 * 1000};
    EXPECT(setsockopt(socket.get(), SOL_SOCKET, option, &timeout, sizeof(timeout)) == 0);
}

/// All of `size` bytes, or until the end.
inline std::size_t receive_all(const Socket& socket, char* buffer, std::size_t size) {
    std::size_t have = 0;
    while (have < size) {
        const ssize_t count = recv(socket.get(), buffer + have, size - have, 0);
        if (count <= 0) break;
        have += static_cast<std::size_t>(count);
    }
    return have;
}

}  // namespace tenon::test
