// SPDX-License-Identifier: Apache-2.0
// Flags of send(2) and recv(2), and what msghdr holds afterwards.
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include <climits>
#include <thread>
#include <vector>

#include "message.h"
#include "report.h"

namespace conformance {
namespace {

void of_streams() {
    Pair ends = pair();
    char buffer[64] = {};
    send(ends.client, "abcdefgh", 8, 0);
    await(ends.server, POLLIN);
    line("peek", Message().receive(ends.server, MSG_PEEK));
    TELL(recv(ends.server, nullptr, 4, MSG_PEEK | MSG_TRUNC));
    TELL(recv(ends.server, nullptr, 100, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT));
    TELL(recv(ends.server, nullptr, 2, MSG_TRUNC));
    TELL(recv(ends.server, buffer, 3, MSG_PEEK | MSG_WAITALL));
    TELL(recv(ends.server, buffer, 0, MSG_PEEK));
    TELL(recv(ends.server, buffer, 0, 0));
    line("receive", Message().receive(ends.server, 0));
    line("nothing left", Message().receive(ends.server, MSG_DONTWAIT));
    TELL(recv(ends.server, buffer, 0, MSG_DONTWAIT));
    // A look ahead that waits for all of it.
    set(ends.client, IPPROTO_TCP, TCP_NODELAY, 1);
    {
        std::thread sender([&] {
            for (const char* each : {"1", "2", "3", "4"}) {
                usleep(5000);
                send(ends.client, each, 1, 0);
            }
        });
        TELL(recv(ends.server, buffer, 4, MSG_PEEK | MSG_WAITALL));
        line("seen", std::string(buffer, 4));
        TELL(recv(ends.server, buffer, 4, MSG_WAITALL));
        sender.join();
    }
    // MSG_WAITALL ends with the peer's end, and does not wait where it must not.
    send(ends.client, "xyz", 3, 0);
    settle();
    TELL(recv(ends.server, buffer, 8, MSG_WAITALL | MSG_DONTWAIT));
    send(ends.client, "xyz", 3, 0);
    shutdown(ends.client, SHUT_WR);
    TELL(recv(ends.server, buffer, 8, MSG_WAITALL));
    TELL(recv(ends.server, buffer, 8, MSG_WAITALL));
    line("at the end", Message().receive(ends.server, 0));
    line("at the end, a look ahead", Message().receive(ends.server, MSG_PEEK));
    // In parts, with empty ones.
    Pair other = pair();
    send(other.client, "0123456789", 10, 0);
    await(other.server, POLLIN);
    char a[3] = {}, b[4] = {};
    iovec parts[4] = {{nullptr, 0}, {a, 3}, {nullptr, 0}, {b, 4}};
    Message in_parts;
    in_parts.header.msg_iov = parts;
    in_parts.header.msg_iovlen = 4;
    line("peek in parts", in_parts.receive(other.server, MSG_PEEK));
    line("in parts", in_parts.receive(other.server, MSG_WAITALL));
    line("parts", std::string(a, 3) + " " + std::string(b, 4));
    in_parts.header.msg_iovlen = 0;
    line("no parts", in_parts.receive(other.server, 0));
    in_parts.header.msg_iovlen = IOV_MAX + 1;
    line("too many parts", in_parts.receive(other.server, 0));
    TELL(sendmsg(other.client, &in_parts.header, 0));
    // Flags that mean nothing here.
    TELL(send(other.client, "x", 1, MSG_DONTROUTE));
    TELL(send(other.client, "x", 1, MSG_EOR));
    TELL(send(other.client, "x", 1, 0x800 /* MSG_CONFIRM */));
    TELL(send(other.client, "x", 1, MSG_MORE));
    TELL(send(other.client, "x", 1, MSG_PEEK | MSG_TRUNC | MSG_WAITALL));
    TELL(recv(other.server, buffer, 1, MSG_DONTROUTE | MSG_NOSIGNAL));
    // What MSG_MORE held back goes with the next bytes.
    TELL(recv(other.server, buffer, 7, MSG_WAITALL));
    int unsent = -1;
    TELL(ioctl(other.client, TIOCOUTQ, &unsent));
    TELL(ioctl(other.client, 0x8905 /* SIOCATMARK */, &unsent));
    line("at the mark", std::to_string(unsent));
}

/// Very many small pieces, read by other sizes than they were sent.
void of_small_pieces() {
    Pair ends = pair();
    set(ends.client, IPPROTO_TCP, TCP_NODELAY, 1);
    constexpr int count = 5000;
    for (int i = 0; i < count; ++i) {
        const char byte = static_cast<char>(i % 251);
        send(ends.client, &byte, 1, 0);
        if (i % 100 == 0) settle();
    }
    settle();
    int right = 0;
    for (int read_so_far = 0, step = 1; read_so_far < count; ++step) {
        char buffer[64];
        const ssize_t size = recv(ends.server, buffer, static_cast<size_t>(step % 64 + 1), 0);
        for (ssize_t i = 0; i < size; ++i, ++read_so_far) right += buffer[i] == static_cast<char>(read_so_far % 251);
        if (size <= 0) break;
    }
    TELL(right);
}

void of_datagrams() {
    const Fd one = datagram(), two = datagram();
    bind_to(one, v4("127.0.0.1", 0));
    const sockaddr_in to = v4("127.0.0.1", port_of(one));
    const auto* target = reinterpret_cast<const sockaddr*>(&to);
    const auto send_it = [&](size_t size = 6) {
        sendto(two, "abcdefghij", size, 0, target, sizeof(to));
        await(one, POLLIN);
    };
    char buffer[16];
    send_it();
    line("peek", Message().receive(one, MSG_PEEK));
    TELL(recv(one, nullptr, 0, MSG_PEEK | MSG_TRUNC));
    TELL(recv(one, nullptr, 0, MSG_PEEK));
    {
        Message small;
        small.part.iov_len = 2;
        line("cut, a look ahead", small.receive(one, MSG_PEEK));
        small.header.msg_namelen = 3;
        line("cut, with a cut name", small.receive(one, 0));
    }
    send_it();
    {
        Message small;
        small.part.iov_len = 2;
        line("cut, its whole size", small.receive(one, MSG_TRUNC));
    }
    send_it();
    TELL(recv(one, buffer, 0, 0));
    TELL(recv(one, buffer, 0, MSG_DONTWAIT));
    send_it(0);
    line("empty", Message().receive(one, 0));
    send_it();
    TELL(recv(one, buffer, 10, MSG_WAITALL));
    send_it();
    {
        Message nameless;
        nameless.header.msg_name = nullptr;
        nameless.header.msg_control = nullptr;
        line("without a name", nameless.receive(one, 0));
    }
    send_it();
    {
        Message negative;
        negative.header.msg_namelen = static_cast<socklen_t>(-1);
        line("a name of negative size", negative.receive(one, MSG_DONTWAIT));
        negative.header.msg_namelen = 0;
        line("a name without room", negative.receive(one, MSG_DONTWAIT));
    }
    // Destinations of odd sizes.
    char space[200] = {};
    std::memcpy(space, &to, sizeof(to));
    const auto* large = reinterpret_cast<const sockaddr*>(space);
    for (const socklen_t size : {socklen_t{15}, socklen_t{16}, socklen_t{100}, socklen_t{128}, socklen_t{129}})
        TELL(sendto(two, "x", 1, MSG_DONTWAIT, large, size));
    TELL(sendto(two, "x", 1, 0, large, static_cast<socklen_t>(-1)));
    TELL(sendto(two, "x", 1, 0, large, 0));
    TELL(sendto(two, "x", 1, 0, nullptr, 16));
    TELL(bind(stream(), large, 128));
    TELL(bind(stream(), large, 129));
    TELL(connect(datagram(), large, 128));
    TELL(connect(datagram(), large, 129));
    TELL(connect(datagram(), large, 1));
    // MSG_MORE joins datagrams.
    while (recv(one, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0) {
    }
    const Fd joined = datagram();
    connect_to(joined, to);
    TELL(send(joined, "ab", 2, MSG_MORE));
    settle();
    TELL(recv(one, buffer, sizeof(buffer), MSG_DONTWAIT));
    TELL(send(joined, "cd", 2, 0));
    settle();
    TELL(recv(one, buffer, sizeof(buffer), MSG_DONTWAIT));
    TELL(recv(one, buffer, sizeof(buffer), MSG_DONTWAIT));
    // Control messages, and room for a part of them.
    set(one, IPPROTO_IP, IP_PKTINFO, 1);
    set(one, IPPROTO_IP, IP_RECVTTL, 1);
    for (const size_t room : {size_t{0}, size_t{8}, size_t{16}, size_t{20}, CMSG_LEN(12), CMSG_SPACE(12), size_t{36},
                              CMSG_SPACE(12) + 16, CMSG_SPACE(12) + CMSG_LEN(4), size_t{256}}) {
        send_it();
        Message controlled;
        controlled.header.msg_controllen = room;
        line(("control in " + std::to_string(room)).c_str(), controlled.receive(one, 0));
    }
    send_it();
    {
        Message looked;
        line("control of a look ahead", looked.receive(one, MSG_PEEK));
        Message again;
        line("control again", again.receive(one, 0));
    }
}

void of_many() {
    const Fd one = datagram();
    bind_to(one, v4("127.0.0.1", 0));
    connect_to(one, v4("127.0.0.1", port_of(one)));
    mmsghdr several[3] = {};
    char space[3][8];
    iovec parts[3];
    for (int i = 0; i < 3; ++i) {
        parts[i] = {space[i], 8};
        several[i].msg_hdr.msg_iov = &parts[i];
        several[i].msg_hdr.msg_iovlen = 1;
    }
    TELL(recvmmsg(one, several, 3, MSG_DONTWAIT, nullptr));
    TELL(recvmmsg(one, several, 0, MSG_DONTWAIT, nullptr));
    timespec limit{0, -1};
    TELL(recvmmsg(one, several, 3, MSG_DONTWAIT, &limit));
    limit = {0, 10000000};
    send(one, "abc", 3, 0);
    await(one, POLLIN);
    TELL(recvmmsg(one, several, 3, MSG_DONTWAIT, &limit));
    line("size", std::to_string(several[0].msg_len));
    TELL(limit.tv_sec == 0 && limit.tv_nsec < 10000000);
    TELL(sendmmsg(one, several, 0, 0));
    TELL(recvmmsg(-1, several, 1, 0, nullptr));
}

}  // namespace

void flags() {
    of_streams();
    of_small_pieces();
    of_datagrams();
    of_many();
}

}  // namespace conformance
