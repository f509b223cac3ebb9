// SPDX-License-Identifier: Apache-2.0
// The peer of the network measures: `pvbench --serve PORT`.
#include "peer.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <thread>
#include <vector>

#include "measure.h"
#include "peer_protocol.h"
#include "socket.h"

namespace pvbench {

namespace {

constexpr std::size_t stream_buffer = 256 * 1024;

void wait_us(unsigned us) {
    const timespec time{.tv_sec = us / 1'000'000, .tv_nsec = static_cast<long>(us % 1'000'000) * 1000};
    if (us != 0) nanosleep(&time, nullptr);
}

void echo(int connection, unsigned delay_us) {
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    char buffer[4096];
    for (ssize_t size; (size = recv(connection, buffer, sizeof(buffer), 0)) > 0;) {
        wait_us(delay_us);
        if (!send_all(connection, buffer, static_cast<std::size_t>(size))) return;
    }
}

void sink(int connection) {
    std::vector<char> buffer(stream_buffer);
    std::uint64_t total = 0;
    for (ssize_t size; (size = recv(connection, buffer.data(), buffer.size(), 0)) > 0;)
        total += static_cast<std::uint64_t>(size);
    send_all(connection, &total, sizeof(total));
}

void source(int connection) {
    const std::vector<char> buffer(stream_buffer, 'x');
    while (send_all(connection, buffer.data(), buffer.size())) {
    }
}

void serve_connection(const Socket& connection, unsigned delay_us) {
    Task task{};
    if (!receive_all(connection.get(), &task, sizeof(task))) return;
    switch (task) {
        case Task::echo: return echo(connection.get(), delay_us);
        case Task::sink: return sink(connection.get());
        case Task::source: return source(connection.get());
        default: send_all(connection.get(), &task, sizeof(task));
    }
}

/// A flood in a thread of its own would compete with the questions that end it: datagrams are served in turn.
void serve_datagrams(const Socket& socket, unsigned delay_us) {
    std::uint64_t counted = 0;
    std::uint32_t session = 0;
    for (;;) {
        Datagram datagram{};
        sockaddr_in from{};
        socklen_t size = sizeof(from);
        auto* address = reinterpret_cast<sockaddr*>(&from);
        if (recvfrom(socket.get(), &datagram, sizeof(datagram), 0, address, &size) != sizeof(datagram)) continue;
        if (datagram.task == Task::count || datagram.task == Task::question) {
            if (std::exchange(session, datagram.session) != datagram.session) counted = 0;
            if (datagram.task == Task::count) {
                ++counted;
                continue;
            }
            datagram.number = counted;
        }
        if (datagram.task == Task::flood) {
            constexpr std::uint64_t longest_ms = 1000;
            const std::uint64_t end = now_ns() + std::min(datagram.number, longest_ms) * 1'000'000;
            while (now_ns() < end) sendto(socket.get(), &datagram, sizeof(datagram), 0, address, size);
            continue;
        }
        if (datagram.task == Task::echo) wait_us(delay_us);
        sendto(socket.get(), &datagram, sizeof(datagram), 0, address, size);
    }
}

Socket bound_socket(int type, std::uint16_t port) {
    Socket socket(::socket(AF_INET, type, 0));
    const int on = 1;
    setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return Socket();
    return socket;
}

}  // namespace

std::string serve_peer(std::uint16_t port, unsigned delay_us) {
    std::signal(SIGPIPE, SIG_IGN);  // a client may end while it is written to
    const Socket datagrams = bound_socket(SOCK_DGRAM, port), listener = bound_socket(SOCK_STREAM, port);
    constexpr int backlog = 128, receive_buffer = 4 << 20;
    if (!datagrams || !listener || listen(listener.get(), backlog) != 0)
        return "cannot serve on port " + std::to_string(port) + ": " + std::strerror(errno);
    // Of the system's limit, as much as it allows: counted datagrams should not be lost here.
    setsockopt(datagrams.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    std::puts("pvbench: serving");
    std::fflush(stdout);
    std::thread([&] { serve_datagrams(datagrams, delay_us); }).detach();
    for (;;) {
        Socket connection(accept(listener.get(), nullptr, nullptr));
        if (!connection) continue;
        std::thread([connection = std::move(connection), delay_us] {
            serve_connection(connection, delay_us);
        }).detach();
    }
}

}  // namespace pvbench
