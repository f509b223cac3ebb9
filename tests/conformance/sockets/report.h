// SPDX-License-Identifier: Apache-2.0
// One line for each result: `subject: what = result`. Both systems run the same program, and their lines are compared.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace conformance {

/// The error's name: numbers differ between C libraries.
const char* error_name(int error);

inline std::string subject;

inline void line(const char* what, const std::string& result) {
    std::printf("%s: %s = %s\n", subject.c_str(), what, result.c_str());
}
/// A call's result, or the name of its error.
inline std::string outcome(long result) {
    return result >= 0 ? std::to_string(result) : std::string(error_name(errno));
}
#define TELL(expression) \
    (errno = 0, conformance::line(#expression, conformance::outcome(static_cast<long>(expression))))

/// The names of the bits that are set, as "IN|OUT".
template <std::size_t count>
std::string names_of(int bits, const std::pair<int, const char*> (&names)[count]) {
    std::string text;
    for (const auto& [bit, name] : names)
        if ((bits & bit) != 0) text += (text.empty() ? "" : "|") + std::string(name);
    return text.empty() ? "none" : text;
}
inline std::string events(short ready) {
    return names_of(
        ready,
        {{POLLIN, "IN"}, {POLLPRI, "PRI"}, {POLLOUT, "OUT"}, {POLLERR, "ERR"}, {POLLHUP, "HUP"}, {POLLRDHUP, "RDHUP"}});
}
/// The events that poll() reports within `wait` ms; `wanted` are waited for.
inline std::string ready(int fd, int wait = 0, short wanted = POLLIN | POLLOUT | POLLRDHUP | POLLPRI) {
    pollfd polled{fd, wanted, 0};
    if (poll(&polled, 1, wait) < 0) return error_name(errno);
    return events(polled.revents);
}

/// Waits until `fd` has (any of) these events, for 5 s at most.
inline bool await(int fd, short wanted) {
    pollfd polled{fd, wanted, 0};
    return poll(&polled, 1, 5000) == 1;
}

class Fd {
public:
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Fd() { reset(); }
    void reset() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    operator int() const { return fd_; }

private:
    int fd_;
};

inline sockaddr_in v4(const char* address, int port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, address, &result.sin_addr);
    return result;
}

/// Returns when the packets sent so far over loopback, and the answers to them, have been handled: a datagram that is
/// sent to oneself arrives after them.
inline void settle() {
    for (int round = 0; round < 2; ++round) {
        const Fd self(socket(AF_INET, SOCK_DGRAM, 0));
        sockaddr_in address = v4("127.0.0.1", 0);
        socklen_t size = sizeof(address);
        bind(self, reinterpret_cast<const sockaddr*>(&address), size);
        getsockname(self, reinterpret_cast<sockaddr*>(&address), &size);
        sendto(self, "x", 1, 0, reinterpret_cast<const sockaddr*>(&address), size);
        await(self, POLLIN);
    }
}
inline sockaddr_in6 v6(const char* address, int port) {
    sockaddr_in6 result{};
    result.sin6_family = AF_INET6;
    result.sin6_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET6, address, &result.sin6_addr);
    return result;
}
template <typename Address>
int bind_to(int fd, const Address& address) {
    return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}
template <typename Address>
int connect_to(int fd, const Address& address) {
    return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}
inline int port_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return -1;
    return ntohs(address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                              : reinterpret_cast<sockaddr_in6&>(address).sin6_port);
}
/// Without the port, which differs between runs.
inline std::string address_text(const sockaddr_storage& address, socklen_t size) {
    char text[INET6_ADDRSTRLEN] = "?";
    if (address.ss_family == AF_INET)
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof(text));
    else if (address.ss_family == AF_INET6)
        inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof(text));
    return std::string(address.ss_family == AF_INET    ? "4 "
                       : address.ss_family == AF_INET6 ? "6 "
                                                       : "? ") +
           text + " " + std::to_string(size);
}
inline std::string local_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return error_name(errno);
    return address_text(address, size);
}
inline std::string peer_of(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return error_name(errno);
    return address_text(address, size);
}
inline int option(int fd, int level, int name) {
    int value = -1;
    socklen_t size = sizeof(value);
    return getsockopt(fd, level, name, &value, &size) != 0 ? -1 : value;
}
inline int set(int fd, int level, int name, int value) { return setsockopt(fd, level, name, &value, sizeof(value)); }
/// SO_ERROR's name.
inline std::string pending(int fd) {
    const int error = option(fd, SOL_SOCKET, SO_ERROR);
    return error == 0 ? "0" : error_name(error);
}

inline Fd stream(int flags = 0, int family = AF_INET) { return Fd(socket(family, SOCK_STREAM | flags, 0)); }
inline Fd datagram(int flags = 0, int family = AF_INET) { return Fd(socket(family, SOCK_DGRAM | flags, 0)); }

inline Fd listener(int backlog = 8) {
    Fd fd = stream();
    bind_to(fd, v4("127.0.0.1", 0));
    listen(fd, backlog);
    return fd;
}

struct Pair {
    Fd client, server;
};
inline Pair pair() {
    Fd listening = listener();
    Fd client = stream();
    connect_to(client, v4("127.0.0.1", port_of(listening)));
    return {std::move(client), Fd(accept(listening, nullptr, nullptr))};
}

// The subjects, a file each.
void creation();
void binding();
void connecting();
void listening();
void streams();
void endings();
void datagrams();
void errors();
void options();
void messages();
void interfaces();
void texts();
void interruptions();
void waiting();
void flags();
void details();
void names();
void groups();

}  // namespace conformance
