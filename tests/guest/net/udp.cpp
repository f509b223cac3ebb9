// SPDX-License-Identifier: Apache-2.0
// Datagrams over loopback, and IPv6.
#include <thread>

#include "tests/guest/net/sockets.h"

using namespace tenon::test;

GUEST_TEST(udp_keeps_datagrams_apart_and_tells_the_sender) {
    const Socket one(socket(AF_INET, SOCK_DGRAM, 0));
    const Socket two(socket(AF_INET, SOCK_DGRAM, 0));
    const sockaddr_in any = loopback();
    EXPECT(bind(one.get(), generic(any), sizeof(any)) == 0);
    EXPECT(bind(two.get(), generic(any), sizeof(any)) == 0);
    const auto to = name_of<sockaddr_in>(one);
    EXPECT(sendto(two.get(), "first", 5, 0, generic(to), sizeof(to)) == 5);
    EXPECT(sendto(two.get(), "2", 1, 0, generic(to), sizeof(to)) == 1);
    char buffer[64];
    sockaddr_in from{};
    socklen_t size = sizeof(from);
    EXPECT(recvfrom(one.get(), buffer, sizeof(buffer), 0, generic(from), &size) == 5);
    EXPECT(from.sin_port == name_of<sockaddr_in>(two).sin_port);
    EXPECT(recvfrom(one.get(), buffer, sizeof(buffer), 0, nullptr, nullptr) == 1);
    EXPECT(buffer[0] == '2');
}

GUEST_TEST(udp_cuts_what_does_not_fit) {
    const Socket one(socket(AF_INET, SOCK_DGRAM, 0));
    const Socket two(socket(AF_INET, SOCK_DGRAM, 0));
    const sockaddr_in any = loopback();
    EXPECT(bind(one.get(), generic(any), sizeof(any)) == 0);
    const auto to = name_of<sockaddr_in>(one);
    EXPECT(connect(two.get(), generic(to), sizeof(to)) == 0);
    EXPECT(send(two.get(), "0123456789", 10, 0) == 10);
    EXPECT(send(two.get(), "next", 4, 0) == 4);
    char buffer[4];
    EXPECT(recv(one.get(), buffer, sizeof(buffer), 0) == 4);
    EXPECT(recv(one.get(), buffer, sizeof(buffer), 0) == 4);  // the next one, not the rest
    EXPECT(std::memcmp(buffer, "next", 4) == 0);
}

GUEST_TEST(udp_larger_than_a_frame) {
    const Socket one(socket(AF_INET, SOCK_DGRAM, 0));
    const Socket two(socket(AF_INET, SOCK_DGRAM, 0));
    const sockaddr_in any = loopback();
    EXPECT(bind(one.get(), generic(any), sizeof(any)) == 0);
    const auto to = name_of<sockaddr_in>(one);
    static char out[9000], in[9001];
    for (std::size_t i = 0; i < sizeof(out); ++i) out[i] = static_cast<char>(i * 7);
    EXPECT(sendto(two.get(), out, sizeof(out), 0, generic(to), sizeof(to)) == sizeof(out));
    EXPECT(recv(one.get(), in, sizeof(in), 0) == sizeof(out));
    EXPECT(std::memcmp(in, out, sizeof(out)) == 0);
}

GUEST_TEST(ipv6_loopback_carries_tcp_and_udp) {
    const Socket listening(socket(AF_INET6, SOCK_STREAM, 0));
    EXPECT(listening.get() >= 0);
    sockaddr_in6 address = loopback6();
    EXPECT(bind(listening.get(), generic(address), sizeof(address)) == 0);
    EXPECT(listen(listening.get(), 1) == 0);
    address = name_of<sockaddr_in6>(listening);
    EXPECT(IN6_IS_ADDR_LOOPBACK(&address.sin6_addr));
    const Socket client(socket(AF_INET6, SOCK_STREAM, 0));
    EXPECT(connect(client.get(), generic(address), sizeof(address)) == 0);
    sockaddr_in6 from{};
    socklen_t size = sizeof(from);
    const Socket server(accept(listening.get(), generic(from), &size));
    EXPECT(server.get() >= 0);
    EXPECT(from.sin6_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&from.sin6_addr));
    char buffer[8];
    EXPECT(send(client.get(), "six", 3, 0) == 3);
    EXPECT(receive_all(server, buffer, 3) == 3);

    const Socket one(socket(AF_INET6, SOCK_DGRAM, 0));
    const Socket two(socket(AF_INET6, SOCK_DGRAM, 0));
    address = loopback6();
    EXPECT(bind(one.get(), generic(address), sizeof(address)) == 0);
    address = name_of<sockaddr_in6>(one);
    EXPECT(sendto(two.get(), "dgram", 5, 0, generic(address), sizeof(address)) == 5);
    EXPECT(recv(one.get(), buffer, sizeof(buffer), 0) == 5);
}

GUEST_TEST(ipv6_any_takes_ipv4_too) {
    const Socket listening(socket(AF_INET6, SOCK_STREAM, 0));
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    EXPECT(bind(listening.get(), generic(any), sizeof(any)) == 0);
    EXPECT(listen(listening.get(), 1) == 0);
    const sockaddr_in four = loopback(ntohs(name_of<sockaddr_in6>(listening).sin6_port));
    const Socket client(socket(AF_INET, SOCK_STREAM, 0));
    EXPECT(connect(client.get(), generic(four), sizeof(four)) == 0);
    const Socket server(accept(listening.get(), nullptr, nullptr));
    EXPECT(server.get() >= 0);
}
