// SPDX-License-Identifier: Apache-2.0
// Bytes and datagrams, ends and errors.
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include <vector>

#include "message.h"
#include "report.h"

namespace conformance {
namespace {

int available(int fd) {
    int count = -1;
    return ioctl(fd, FIONREAD, &count) != 0 ? -1 : count;
}

std::string text(const char* bytes, ssize_t size) {
    return size < 0 ? std::string(error_name(errno)) : "'" + std::string(bytes, static_cast<size_t>(size)) + "'";
}

}  // namespace

void streams() {
    Pair ends = pair();
    char buffer[100] = {};
    line("client", ready(ends.client));
    line("server", ready(ends.server));
    TELL(send(ends.client, "hello", 5, 0));
    await(ends.server, POLLIN);
    line("with data", ready(ends.server));
    TELL(available(ends.server));
    line("peek", text(buffer, recv(ends.server, buffer, 3, MSG_PEEK)));
    line("peek all", text(buffer, recv(ends.server, buffer, sizeof(buffer), MSG_PEEK)));
    line("read", text(buffer, read(ends.server, buffer, 2)));
    TELL(available(ends.server));
    TELL(recv(ends.server, buffer, 2, MSG_TRUNC));
    line("the rest", text(buffer, read(ends.server, buffer, sizeof(buffer))));
    line("read", ready(ends.server));
    TELL(recv(ends.server, buffer, 1, MSG_DONTWAIT));
    TELL(recv(ends.server, buffer, 1, MSG_DONTWAIT | MSG_PEEK));
    TELL(read(ends.server, buffer, 0));
    TELL(write(ends.server, buffer, 0));
    TELL(send(ends.server, buffer, 0, 0));
    // In parts.
    iovec parts[3] = {{const_cast<char*>("ab"), 2}, {const_cast<char*>(""), 0}, {const_cast<char*>("cde"), 3}};
    TELL(writev(ends.client, parts, 3));
    char one[2], two[4] = {};
    iovec into[2] = {{one, sizeof(one)}, {two, sizeof(two)}};
    await(ends.server, POLLIN);
    TELL(readv(ends.server, into, 2));
    line("second part", text(two, 3));
    TELL(writev(ends.client, parts, -1));
    TELL(writev(ends.client, parts, 0));
    // MSG_WAITALL, also with a time limit.
    send(ends.client, "abc", 3, 0);
    const timeval soon{0, 50000};
    setsockopt(ends.server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
    TELL(recv(ends.server, buffer, 10, MSG_WAITALL));
    TELL(recv(ends.server, buffer, 10, MSG_WAITALL));
    TELL(recv(ends.server, buffer, 10, 0));
    // SO_RCVLOWAT
    set(ends.server, SOL_SOCKET, SO_RCVLOWAT, 4);
    send(ends.client, "xy", 2, 0);
    settle();
    line("below the low-water mark", ready(ends.server));
    send(ends.client, "zw", 2, 0);
    await(ends.server, POLLIN);
    line("at the low-water mark", ready(ends.server));
    TELL(recv(ends.server, buffer, 10, 0));
    set(ends.server, SOL_SOCKET, SO_RCVLOWAT, 1);
    // A connected stream's destination is not looked at.
    const sockaddr_in elsewhere = v4("127.0.0.9", 9);
    TELL(sendto(ends.client, "q", 1, 0, reinterpret_cast<const sockaddr*>(&elsewhere), sizeof(elsewhere)));
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    await(ends.server, POLLIN);
    TELL(recvfrom(ends.server, buffer, 10, 0, reinterpret_cast<sockaddr*>(&from), &size));
    line("size of a stream's sender", std::to_string(size));
    TELL(recv(ends.server, buffer, 10, MSG_ERRQUEUE | MSG_DONTWAIT));
    TELL(recv(ends.server, buffer, 10, MSG_OOB));
    // A full pipe.
    Pair full = pair();
    std::vector<char> much(1 << 16);
    ssize_t sent = 0, total = 0;
    while ((sent = send(full.client, much.data(), much.size(), MSG_DONTWAIT)) > 0) total += sent;
    TELL(send(full.client, much.data(), much.size(), MSG_DONTWAIT));
    line("full", ready(full.client));
    const timeval limit{0, 20000};
    setsockopt(full.client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    TELL(send(full.client, much.data(), much.size(), 0));
    ssize_t got = 0, received = 0;
    while (received < total && (got = recv(full.server, much.data(), much.size(), 0)) > 0) received += got;
    TELL(received == total);
    await(full.client, POLLOUT);
    line("empty again", ready(full.client));
    // Unconnected.
    const Fd fresh = stream();
    TELL(read(fresh, buffer, 1));
    TELL(send(fresh, "x", 1, MSG_NOSIGNAL));
    TELL(shutdown(fresh, SHUT_RDWR));
}

void endings() {
    char byte = 0;
    {
        Pair ends = pair();
        TELL(shutdown(ends.client, 7));
        TELL(shutdown(ends.client, SHUT_WR));
        await(ends.server, POLLRDHUP);
        line("peer ended", ready(ends.server));
        line("own end", ready(ends.client));
        TELL(read(ends.server, &byte, 1));
        TELL(read(ends.server, &byte, 1));
        TELL(send(ends.client, "x", 1, MSG_NOSIGNAL));
        TELL(send(ends.server, "x", 1, MSG_NOSIGNAL));
        await(ends.client, POLLIN);
        TELL(read(ends.client, &byte, 1));
        TELL(shutdown(ends.client, SHUT_WR));
        line("half closed peer", peer_of(ends.client));
        TELL(shutdown(ends.server, SHUT_WR));
        await(ends.client, POLLHUP);
        line("both ended, first", ready(ends.client));
        settle();
        line("both ended, second", ready(ends.server));
        line("peer after both ends", peer_of(ends.client));
        TELL(read(ends.client, &byte, 1));
        TELL(read(ends.client, &byte, 1));
        TELL(send(ends.client, "x", 1, MSG_NOSIGNAL));
        TELL(shutdown(ends.client, SHUT_RDWR));
        line("pending", pending(ends.client));
    }
    {
        Pair ends = pair();
        TELL(shutdown(ends.client, SHUT_RD));
        line("no more reading", ready(ends.client));
        TELL(read(ends.client, &byte, 1));
        TELL(send(ends.server, "y", 1, MSG_NOSIGNAL));
        settle();
        TELL(read(ends.client, &byte, 1));
        TELL(read(ends.client, &byte, 1));
        TELL(send(ends.client, "x", 1, MSG_NOSIGNAL));
    }
    {
        // Closed with unread data: a reset.
        Pair ends = pair();
        send(ends.client, "unread", 6, 0);
        await(ends.server, POLLIN);
        ends.server.reset();
        await(ends.client, POLLERR);
        line("reset", ready(ends.client));
        line("peer of a reset one", peer_of(ends.client));
        TELL(read(ends.client, &byte, 1));
        TELL(read(ends.client, &byte, 1));
        TELL(send(ends.client, "x", 1, MSG_NOSIGNAL));
    }
    {
        Pair ends = pair();
        const linger at_once{1, 0};
        TELL(setsockopt(ends.server, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)));
        ends.server.reset();
        await(ends.client, POLLERR);
        line("pending after SO_LINGER {1, 0}", pending(ends.client));
        line("then", ready(ends.client));
        TELL(read(ends.client, &byte, 1));
        TELL(send(ends.client, "x", 1, MSG_NOSIGNAL));
    }
    {
        // Data before the end is read first.
        Pair ends = pair();
        send(ends.server, "last", 4, 0);
        ends.server.reset();
        await(ends.client, POLLRDHUP);
        line("data and end", ready(ends.client));
        char buffer[8];
        TELL(read(ends.client, buffer, sizeof(buffer)));
        TELL(read(ends.client, buffer, sizeof(buffer)));
        TELL(send(ends.client, "x", 1, MSG_NOSIGNAL));
        settle();
        TELL(send(ends.client, "x", 1, MSG_NOSIGNAL));
        line("pending", pending(ends.client));
        line("after sending to nobody", ready(ends.client));
    }
    {
        Pair ends = pair();
        const linger patient{1, 5};
        setsockopt(ends.server, SOL_SOCKET, SO_LINGER, &patient, sizeof(patient));
        send(ends.server, "bye", 3, 0);
        ends.server.reset();
        char buffer[8];
        TELL(read(ends.client, buffer, sizeof(buffer)));
        TELL(read(ends.client, buffer, sizeof(buffer)));
    }
}

void datagrams() {
    const Fd one = datagram(), two = datagram();
    char buffer[16] = {};
    bind_to(one, v4("127.0.0.1", 0));
    const sockaddr_in to_one = v4("127.0.0.1", port_of(one));
    const auto* target = reinterpret_cast<const sockaddr*>(&to_one);
    TELL(send(two, "x", 1, 0));
    TELL(recv(one, buffer, 1, MSG_DONTWAIT));
    TELL(sendto(two, "hello", 5, 0, target, sizeof(to_one)));
    line("name that sending gave", local_of(two));
    await(one, POLLIN);
    line("ready", ready(one));
    TELL(available(one));
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    TELL(recvfrom(one, buffer, 2, MSG_PEEK, reinterpret_cast<sockaddr*>(&from), &size));
    line("from", address_text(from, size));
    TELL(recv(one, buffer, 2, MSG_PEEK | MSG_TRUNC));
    TELL(recv(one, buffer, 2, 0));
    TELL(recv(one, buffer, 2, MSG_DONTWAIT));
    // An empty datagram is a datagram too.
    TELL(sendto(two, "", 0, 0, target, sizeof(to_one)));
    await(one, POLLIN);
    TELL(available(one));
    TELL(recv(one, buffer, sizeof(buffer), 0));
    // Parts that are too short.
    sendto(two, "abcdef", 6, 0, target, sizeof(to_one));
    char a[2], b[2];
    iovec parts[2] = {{a, 2}, {b, 2}};
    await(one, POLLIN);
    TELL(readv(one, parts, 2));
    sendto(two, "abcdef", 6, 0, target, sizeof(to_one));
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    header.msg_name = &from;
    header.msg_namelen = sizeof(from);
    char control[64];
    header.msg_control = control;
    header.msg_controllen = sizeof(control);
    await(one, POLLIN);
    TELL(recvmsg(one, &header, 0));
    TELL(header.msg_flags == MSG_TRUNC);
    TELL(header.msg_controllen);
    TELL(header.msg_namelen);
    // Datagrams that cannot be sent.
    std::vector<char> large(70000);
    TELL(sendto(two, large.data(), 65508, 0, target, sizeof(to_one)));
    TELL(sendto(two, large.data(), 65507, 0, target, sizeof(to_one)));
    TELL(recv(one, large.data(), large.size(), 0));
    TELL(sendto(two, "x", 1, 0, target, 4));
    const sockaddr_in6 six = v6("::1", 9);
    TELL(sendto(two, "x", 1, 0, reinterpret_cast<const sockaddr*>(&six), sizeof(six)));
    const sockaddr_in no_port = v4("127.0.0.1", 0), nowhere = v4("198.51.100.1", 9), all = v4("255.255.255.255", 9);
    TELL(sendto(two, "x", 1, 0, reinterpret_cast<const sockaddr*>(&no_port), sizeof(no_port)));
    TELL(sendto(two, "x", 1, 0, reinterpret_cast<const sockaddr*>(&nowhere), sizeof(nowhere)));
    (void)all;
    TELL(sendto(two, "x", 1, MSG_OOB, target, sizeof(to_one)));
    // Connected: others are not heard.
    const Fd three = datagram();
    bind_to(three, v4("127.0.0.1", 0));
    TELL(connect_to(three, to_one));
    const sockaddr_in to_three = v4("127.0.0.1", port_of(three));
    sendto(two, "stranger", 8, 0, reinterpret_cast<const sockaddr*>(&to_three), sizeof(to_three));
    sendto(one, "friend", 6, 0, reinterpret_cast<const sockaddr*>(&to_three), sizeof(to_three));
    await(three, POLLIN);
    line("heard", text(buffer, recv(three, buffer, sizeof(buffer), MSG_DONTWAIT)));
    TELL(recv(three, buffer, sizeof(buffer), MSG_DONTWAIT));
    TELL(send(three, "x", 1, 0));
    await(one, POLLIN);
    TELL(recv(one, buffer, sizeof(buffer), 0));
    // IPv6 with IPv4 inside.
    const Fd dual = datagram(0, AF_INET6);
    bind_to(dual, v6("::", 0));
    const sockaddr_in to_dual = v4("127.0.0.1", port_of(dual));
    sendto(two, "four", 4, 0, reinterpret_cast<const sockaddr*>(&to_dual), sizeof(to_dual));
    size = sizeof(from);
    await(dual, POLLIN);
    TELL(recvfrom(dual, buffer, sizeof(buffer), 0, reinterpret_cast<sockaddr*>(&from), &size));
    line("from IPv4", address_text(from, size));
    TELL(sendto(dual, "x", 1, 0, target, sizeof(to_one)));
    // Shut.
    TELL(shutdown(one, SHUT_RD));
    TELL(shutdown(three, SHUT_RD));
    line("shut", ready(three));
    TELL(recv(three, buffer, 1, 0));
    TELL(shutdown(three, SHUT_WR));
    line("shut twice", ready(three));
    TELL(send(three, "x", 1, MSG_NOSIGNAL));
    // A full queue drops.
    const Fd small = datagram();
    set(small, SOL_SOCKET, SO_RCVBUF, 1);
    TELL(option(small, SOL_SOCKET, SO_RCVBUF));
    bind_to(small, v4("127.0.0.1", 0));
    const sockaddr_in to_small = v4("127.0.0.1", port_of(small));
    for (int i = 0; i < 100; ++i)
        sendto(two, large.data(), 1000, 0, reinterpret_cast<const sockaddr*>(&to_small), sizeof(to_small));
    settle();
    int count = 0;
    while (recv(small, large.data(), large.size(), MSG_DONTWAIT) > 0) ++count;
    TELL(count > 0 && count < 10);
}

void errors() {
    // A datagram to a port without a socket.
    const Fd closed_port = stream(), fd = datagram();
    bind_to(closed_port, v4("127.0.0.1", 0));
    char byte = 0;
    TELL(connect_to(fd, v4("127.0.0.1", port_of(closed_port))));
    TELL(send(fd, "x", 1, 0));
    await(fd, POLLERR);
    line("unreachable", ready(fd));
    TELL(recv(fd, &byte, 1, MSG_DONTWAIT));
    TELL(recv(fd, &byte, 1, MSG_DONTWAIT));
    send(fd, "x", 1, 0);
    await(fd, POLLERR);
    line("pending", pending(fd));
    send(fd, "x", 1, 0);
    await(fd, POLLERR);
    TELL(send(fd, "x", 1, 0));
    // An unconnected socket gets errors only with IP_RECVERR.
    const Fd open_end = datagram();
    const sockaddr_in nobody = v4("127.0.0.1", port_of(closed_port));
    sendto(open_end, "x", 1, 0, reinterpret_cast<const sockaddr*>(&nobody), sizeof(nobody));
    settle();
    line("not connected", ready(open_end));
    TELL(set(open_end, IPPROTO_IP, IP_RECVERR, 1));
    sendto(open_end, "xyz", 3, 0, reinterpret_cast<const sockaddr*>(&nobody), sizeof(nobody));
    await(open_end, POLLERR);
    line("asked", ready(open_end));
    Message queued;
    msghdr& header = queued.header;
    TELL(recvmsg(open_end, &header, MSG_ERRQUEUE));
    TELL((header.msg_flags & MSG_ERRQUEUE) != 0);
    line("to", address_text(queued.name, header.msg_namelen));
    if (const cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr) {
        TELL(message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_RECVERR);
        uint32_t first;
        std::memcpy(&first, CMSG_DATA(message), sizeof(first));
        line("error", error_name(static_cast<int>(first)));
        line("origin, type, code", std::to_string(CMSG_DATA(message)[4]) + " " + std::to_string(CMSG_DATA(message)[5]) +
                                       " " + std::to_string(CMSG_DATA(message)[6]));
    }
    TELL(recvmsg(open_end, &header, MSG_ERRQUEUE));
}

}  // namespace conformance
