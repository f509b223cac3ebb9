// SPDX-License-Identifier: Apache-2.0
// TCP over loopback.
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/uio.h>

#include <thread>
#include <vector>

#include "tests/guest/net/sockets.h"

using namespace tenon::test;

GUEST_TEST(tcp_echoes) {
    Pair pair = connected_pair();
    char buffer[16];
    EXPECT(send(pair.client.get(), "hello", 5, 0) == 5);
    EXPECT(recv(pair.server.get(), buffer, sizeof(buffer), 0) == 5);
    EXPECT(std::memcmp(buffer, "hello", 5) == 0);
    EXPECT(write(pair.server.get(), "world!", 6) == 6);
    EXPECT(read(pair.client.get(), buffer, sizeof(buffer)) == 6);
    EXPECT(std::memcmp(buffer, "world!", 6) == 0);
}

GUEST_TEST(tcp_names_of_both_ends) {
    const Socket listening = listener();
    const Socket client = connect_to(listening);
    sockaddr_in from{};
    socklen_t size = sizeof(from);
    const Socket server(accept(listening.get(), generic(from), &size));
    EXPECT(server.get() >= 0);
    EXPECT(size == sizeof(from));
    EXPECT(from.sin_port == name_of<sockaddr_in>(client).sin_port);
    EXPECT(from.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    sockaddr_in peer{};
    EXPECT(getpeername(client.get(), generic(peer), &size) == 0);
    EXPECT(peer.sin_port == name_of<sockaddr_in>(listening).sin_port);
    size = 2;  // room for the family alone
    EXPECT(getpeername(client.get(), generic(peer), &size) == 0);
    EXPECT(size == sizeof(peer));
}

GUEST_TEST(tcp_moves_megabytes_unchanged) {
    Pair pair = connected_pair();
    constexpr std::size_t total = 8 << 20;
    const auto byte_at = [](std::size_t i) { return static_cast<char>(i * 31 + (i >> 12)); };
    std::thread sender([&] {
        std::vector<char> block(50'000);
        for (std::size_t sent = 0; sent < total;) {
            const std::size_t size = total - sent < block.size() ? total - sent : block.size();
            for (std::size_t i = 0; i < size; ++i) block[i] = byte_at(sent + i);
            const ssize_t count = send(pair.client.get(), block.data(), size, 0);
            EXPECT(count > 0);
            if (count <= 0) break;
            sent += static_cast<std::size_t>(count);
        }
        pair.client.reset();
    });
    std::vector<char> block(30'000);
    std::size_t have = 0, wrong = 0;
    for (;;) {
        const ssize_t count = recv(pair.server.get(), block.data(), block.size(), 0);
        if (count <= 0) break;
        for (ssize_t i = 0; i < count; ++i) wrong += block[static_cast<std::size_t>(i)] != byte_at(have++);
    }
    sender.join();
    EXPECT(have == total);
    EXPECT(wrong == 0);
}

GUEST_TEST(tcp_half_close_lets_the_other_direction_go_on) {
    Pair pair = connected_pair();
    EXPECT(send(pair.client.get(), "ask", 3, 0) == 3);
    EXPECT(shutdown(pair.client.get(), SHUT_WR) == 0);
    char buffer[8];
    EXPECT(receive_all(pair.server, buffer, sizeof(buffer)) == 3);
    EXPECT(recv(pair.server.get(), buffer, sizeof(buffer), 0) == 0);  // and the end stays the end
    EXPECT(send(pair.server.get(), "answer", 6, 0) == 6);
    EXPECT(receive_all(pair.client, buffer, 6) == 6);
    EXPECT(send(pair.client.get(), "more", 4, 0) == -1);
    EXPECT(errno == EPIPE);
}

GUEST_TEST(tcp_nobody_listens) {
    std::uint16_t port;
    {
        const Socket gone = listener();
        port = ntohs(name_of<sockaddr_in>(gone).sin_port);
    }
    const Socket client(socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = loopback(port);
    EXPECT(connect(client.get(), generic(address), sizeof(address)) == -1);
    EXPECT(errno == ECONNREFUSED);
}

GUEST_TEST(tcp_close_with_unread_data_resets) {
    Pair pair = connected_pair();
    EXPECT(send(pair.client.get(), "never read", 10, 0) == 10);
    char byte;
    EXPECT(recv(pair.server.get(), &byte, 1, 0) == 1);
    pair.server.reset();
    EXPECT(recv(pair.client.get(), &byte, 1, 0) == -1);
    EXPECT(errno == ECONNRESET);
}

GUEST_TEST(tcp_nonblocking_calls_do_not_block) {
    Pair pair = connected_pair();
    EXPECT(fcntl(pair.client.get(), F_SETFL, O_NONBLOCK) == 0);
    EXPECT((fcntl(pair.client.get(), F_GETFL) & O_NONBLOCK) != 0);
    char buffer[4096] = {};
    EXPECT(recv(pair.client.get(), buffer, sizeof(buffer), 0) == -1);
    EXPECT(errno == EAGAIN);
    EXPECT(recv(pair.server.get(), buffer, sizeof(buffer), MSG_DONTWAIT) == -1);
    EXPECT(errno == EAGAIN);
    ssize_t sent = 0;
    for (ssize_t count; (count = send(pair.client.get(), buffer, sizeof(buffer), 0)) > 0;) sent += count;
    EXPECT(errno == EAGAIN);
    EXPECT(sent > 64 * 1024);  // a window's worth at least
    // The network's thread may be at it on another vCPU.
    pollfd readable{.fd = pair.server.get(), .events = POLLIN, .revents = 0};
    EXPECT(poll(&readable, 1, 10'000) == 1);
    std::size_t received = 0;
    for (ssize_t count; (count = recv(pair.server.get(), buffer, sizeof(buffer), MSG_DONTWAIT)) > 0;)
        received += static_cast<std::size_t>(count);
    EXPECT(received > 0);

    Socket listening(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    EXPECT(listen(listening.get(), 1) == 0);
    EXPECT(accept(listening.get(), nullptr, nullptr) == -1);
    EXPECT(errno == EAGAIN);
}

GUEST_TEST(tcp_receive_timeout) {
    Pair pair = connected_pair();
    set_timeout(pair.client, SO_RCVTIMEO, 20);
    char byte;
    EXPECT(recv(pair.client.get(), &byte, 1, 0) == -1);
    EXPECT(errno == EAGAIN);
}

GUEST_TEST(tcp_peek_and_scattered_transfers) {
    Pair pair = connected_pair();
    char one[] = "abc", two[] = "defgh";
    const iovec parts[] = {{one, 3}, {two, 5}};
    EXPECT(writev(pair.client.get(), parts, 2) == 8);
    char buffer[8];
    EXPECT(recv(pair.server.get(), buffer, 2, MSG_PEEK) == 2);
    EXPECT(receive_all(pair.server, buffer, 8) == 8);
    EXPECT(std::memcmp(buffer, "abcdefgh", 8) == 0);
}

GUEST_TEST(tcp_options_are_kept) {
    Pair pair = connected_pair();
    const int on = 1;
    int value = 0;
    socklen_t size = sizeof(value);
    EXPECT(setsockopt(pair.client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
    EXPECT(getsockopt(pair.client.get(), IPPROTO_TCP, TCP_NODELAY, &value, &size) == 0);
    EXPECT(value != 0);
    EXPECT(getsockopt(pair.client.get(), SOL_SOCKET, SO_TYPE, &value, &size) == 0);
    EXPECT(value == SOCK_STREAM);
    EXPECT(getsockopt(pair.client.get(), SOL_SOCKET, SO_ERROR, &value, &size) == 0);
    EXPECT(value == 0);
    EXPECT(setsockopt(pair.client.get(), SOL_SOCKET, 9999, &on, sizeof(on)) == -1);
    EXPECT(errno == ENOPROTOOPT);
}

GUEST_TEST(sockets_refuse_what_makes_no_sense) {
    EXPECT(socket(77, SOCK_STREAM, 0) == -1 && errno == EAFNOSUPPORT);
    EXPECT(socket(AF_INET, 77, 0) == -1 && errno == EINVAL);
    EXPECT(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP) == -1 && errno == EPROTONOSUPPORT);
    EXPECT(send(999, "x", 1, 0) == -1 && errno == EBADF);
    EXPECT(send(1, "x", 1, 0) == -1 && errno == ENOTSOCK);
    const Socket fresh(socket(AF_INET, SOCK_STREAM, 0));
    EXPECT(send(fresh.get(), "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
    const sockaddr_in address = loopback(1);
    EXPECT(connect(fresh.get(), generic(address), 3) == -1 && errno == EINVAL);
    EXPECT(connect(fresh.get(), nullptr, 0) == -1 && errno == EFAULT);
    const Socket first = listener();
    const auto taken = name_of<sockaddr_in>(first);
    const Socket second(socket(AF_INET, SOCK_STREAM, 0));
    EXPECT(bind(second.get(), generic(taken), sizeof(taken)) == -1 && errno == EADDRINUSE);
    sockaddr_in elsewhere = loopback(80);
    elsewhere.sin_addr.s_addr = htonl(0xC0000201);  // 192.0.2.1: documentation only (RFC 5737)
    const Socket lost(socket(AF_INET, SOCK_DGRAM, 0));
    EXPECT(bind(lost.get(), generic(elsewhere), sizeof(elsewhere)) == -1);
}
