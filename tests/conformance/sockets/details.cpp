// SPDX-License-Identifier: Apache-2.0
// TCP_INFO, options of connections and of IP, and error queues.
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <vector>

#include "message.h"
#include "report.h"

namespace conformance {
namespace {

tcp_info information(int fd) {
    tcp_info info{};
    socklen_t size = sizeof(info);
    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size);
    return info;
}

void connection_information() {
    Pair ends = pair();
    char buffer[4096] = {};
    tcp_info info{};
    socklen_t size = sizeof(info);
    TELL(getsockopt(ends.client, IPPROTO_TCP, TCP_INFO, &info, &size));
    TELL(size == sizeof(info));
    size = 8;
    TELL(getsockopt(ends.client, IPPROTO_TCP, TCP_INFO, &info, &size));
    line("size", std::to_string(size));
    TELL(setsockopt(ends.client, IPPROTO_TCP, TCP_INFO, &info, sizeof(info)));
    info = information(ends.client);
    TELL(info.tcpi_state);
    TELL(info.tcpi_ca_state);
    TELL(info.tcpi_retransmits);
    TELL(info.tcpi_probes);
    TELL(info.tcpi_backoff);
    TELL((info.tcpi_options & TCPI_OPT_WSCALE) != 0);
    TELL((info.tcpi_options & TCPI_OPT_SACK) != 0);
    TELL(info.tcpi_snd_wscale > 0 && info.tcpi_rcv_wscale > 0);
    TELL(info.tcpi_rto >= 200000 && info.tcpi_rto <= 1000000);
    TELL(info.tcpi_snd_mss > 500);
    TELL(info.tcpi_rcv_mss);
    TELL(info.tcpi_ato);
    TELL(info.tcpi_advmss > 500);
    TELL(info.tcpi_pmtu >= info.tcpi_snd_mss);
    TELL(info.tcpi_unacked);
    TELL(info.tcpi_sacked);
    TELL(info.tcpi_lost);
    TELL(info.tcpi_retrans);
    TELL(info.tcpi_rtt > 0);
    TELL(info.tcpi_rttvar > 0);
    TELL(info.tcpi_snd_ssthresh == 0x7FFFFFFF);
    TELL(info.tcpi_snd_cwnd);
    TELL(info.tcpi_reordering);
    TELL(info.tcpi_rcv_space > 0);
    TELL(info.tcpi_rcv_ssthresh > 0);
    TELL(info.tcpi_total_retrans);
    usleep(30000);
    info = information(ends.client);
    TELL(info.tcpi_last_data_sent >= 25 && info.tcpi_last_data_sent < 20000);
    TELL(info.tcpi_last_data_recv >= 25 && info.tcpi_last_data_recv < 20000);
    TELL(info.tcpi_last_ack_recv >= 25 && info.tcpi_last_ack_recv < 20000);
    TELL(info.tcpi_last_ack_sent);
    send(ends.client, buffer, sizeof(buffer), 0);
    await(ends.server, POLLIN);
    settle();
    const tcp_info sender = information(ends.client), receiver = information(ends.server);
    TELL(sender.tcpi_last_data_sent < info.tcpi_last_data_sent);
    TELL(receiver.tcpi_ato >= 40000 && receiver.tcpi_ato <= 200000);
    TELL(receiver.tcpi_rcv_mss >= 536 && receiver.tcpi_rcv_mss <= receiver.tcpi_advmss);
    TELL(receiver.tcpi_last_data_recv < 20000);
    TELL(receiver.tcpi_last_data_recv < 25);
    // Unread data that fills the window.
    std::vector<char> much(8 << 20);
    fcntl(ends.client, F_SETFL, O_NONBLOCK);
    while (send(ends.client, much.data(), much.size(), 0) > 0) settle();
    int unsent = 0, unread = 0;
    ioctl(ends.client, TIOCOUTQ, &unsent);
    ioctl(ends.server, FIONREAD, &unread);
    TELL(unsent > 0);
    TELL(unread > 0);
    const Fd listening = listener(5);
    info = information(listening);
    TELL(info.tcpi_state);
    TELL(info.tcpi_unacked);
    TELL(info.tcpi_sacked);
    const Fd one = stream(), two = stream();
    connect_to(one, v4("127.0.0.1", port_of(listening)));
    connect_to(two, v4("127.0.0.1", port_of(listening)));
    await(listening, POLLIN);
    settle();
    // Of a listener: connections that wait, and how many may.
    info = information(listening);
    TELL(info.tcpi_unacked);
    TELL(info.tcpi_sacked);
    TELL(listen(listening, 7));
    TELL(information(listening).tcpi_sacked);
}

struct Named {
    const char* name;
    int level, number;
};

std::string set_and_read(int fd, const Named& option, int value) {
    errno = 0;
    if (setsockopt(fd, option.level, option.number, &value, sizeof(value)) != 0) return error_name(errno);
    int back = -77;
    socklen_t size = sizeof(back);
    errno = 0;
    if (getsockopt(fd, option.level, option.number, &back, &size) != 0) return error_name(errno);
    return std::to_string(back) + " in " + std::to_string(size);
}

/// Each option with a few values, on a connected socket or a fresh one.
void values(const char* kind, int fd, const Named& option, std::initializer_list<int> tried) {
    for (const int value : tried)
        line((std::string(kind) + " " + option.name + " " + std::to_string(value)).c_str(),
             set_and_read(fd, option, value));
}

void values_of_options() {
    Pair ends = pair();
    const Fd tcp = stream(), udp = datagram(), tcp6 = stream(0, AF_INET6), udp6 = datagram(0, AF_INET6);
    const Fd listening = listener();
    values("tcp", tcp, {"TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT}, {1, 3, 4, 20, -1});
    values("tcp", tcp, {"TCP_WINDOW_CLAMP", IPPROTO_TCP, TCP_WINDOW_CLAMP}, {0, 70000});
    values("tcp", tcp, {"TCP_NOTSENT_LOWAT", IPPROTO_TCP, TCP_NOTSENT_LOWAT}, {1000, 0, -1});
    values("tcp", tcp, {"TCP_FASTOPEN", IPPROTO_TCP, TCP_FASTOPEN}, {0});
    values("tcp", tcp, {"TCP_FASTOPEN_CONNECT", IPPROTO_TCP, 30}, {2, 0});
    values("tcp", tcp, {"TCP_INQ", IPPROTO_TCP, 36}, {1, 0, 2});
    values("tcp", tcp, {"TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT}, {1, 30000});
    values("tcp", tcp, {"TCP_SYNCNT", IPPROTO_TCP, TCP_SYNCNT}, {1, -1});
    values("tcp", tcp, {"TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE}, {1});
    values("tcp", tcp, {"TCP_MAXSEG", IPPROTO_TCP, TCP_MAXSEG}, {88, 87, 0, -1, 32767, 32768});
    values("listener", listening, {"TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT}, {5});
    values("listener", listening, {"TCP_DEFER_ACCEPT", IPPROTO_TCP, TCP_DEFER_ACCEPT}, {0});
    values("connected", ends.client, {"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY}, {1, 0});
    values("connected", ends.client, {"TCP_CORK", IPPROTO_TCP, TCP_CORK}, {1, 0});
    values("connected", ends.client, {"TCP_QUICKACK", IPPROTO_TCP, TCP_QUICKACK}, {1});
    values("connected", ends.client, {"TCP_KEEPINTVL", IPPROTO_TCP, TCP_KEEPINTVL}, {7});
    values("connected", ends.client, {"TCP_SYNCNT", IPPROTO_TCP, TCP_SYNCNT}, {7});
    values("connected", ends.client, {"TCP_LINGER2", IPPROTO_TCP, TCP_LINGER2}, {0, 5, 121});
    values("connected", ends.client, {"SO_REUSEPORT", SOL_SOCKET, SO_REUSEPORT}, {1, 0});
    values("connected", ends.client, {"IP_TTL", IPPROTO_IP, IP_TTL}, {9, -1});
    values("connected", ends.client, {"IP_TOS", IPPROTO_IP, IP_TOS}, {0x10, 0x13, 0xFC});
    TELL(option(tcp, IPPROTO_IP, IP_MTU));
    line("why", (errno = 0, option(udp, IPPROTO_IP, IP_MTU), error_name(errno)));
    values("udp", udp, {"SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT}, {3});
    values("udp", udp, {"SO_RXQ_OVFL", SOL_SOCKET, SO_RXQ_OVFL}, {1, 0});
    values("udp", udp, {"SO_NO_CHECK", SOL_SOCKET, SO_NO_CHECK}, {1, 0});
    values("udp", udp, {"SO_MARK", SOL_SOCKET, SO_MARK}, {7, 0});
    values("udp", udp, {"SO_TIMESTAMPNS", SOL_SOCKET, SO_TIMESTAMPNS}, {1, 0});
    values("udp", udp, {"SO_DEBUG", SOL_SOCKET, SO_DEBUG}, {0});
    values("udp", udp, {"SO_SELECT_ERR_QUEUE", SOL_SOCKET, 45}, {1, 0});
    values("udp", udp, {"SO_BSDCOMPAT", SOL_SOCKET, 14}, {1});
    // Time stamps exclude each other.
    set(udp, SOL_SOCKET, SO_TIMESTAMP, 1);
    set(udp, SOL_SOCKET, SO_TIMESTAMPNS, 1);
    line("time stamps", std::to_string(option(udp, SOL_SOCKET, SO_TIMESTAMP)) + " " +
                            std::to_string(option(udp, SOL_SOCKET, SO_TIMESTAMPNS)));
    set(udp, SOL_SOCKET, SO_TIMESTAMP, 1);
    line("time stamps", std::to_string(option(udp, SOL_SOCKET, SO_TIMESTAMP)) + " " +
                            std::to_string(option(udp, SOL_SOCKET, SO_TIMESTAMPNS)));
    set(udp, SOL_SOCKET, SO_TIMESTAMP, 0);
    line("time stamps", std::to_string(option(udp, SOL_SOCKET, SO_TIMESTAMP)) + " " +
                            std::to_string(option(udp, SOL_SOCKET, SO_TIMESTAMPNS)));
    values("udp", udp, {"IP_BIND_ADDRESS_NO_PORT", IPPROTO_IP, 24}, {1, 0, 2});
    values("udp", udp, {"IP_MULTICAST_ALL", IPPROTO_IP, 49}, {0, 1, 2});
    values("udp", udp, {"IP_RECVOPTS", IPPROTO_IP, 6}, {1, 0});
    values("udp", udp, {"IP_RETOPTS", IPPROTO_IP, 7}, {1, 0});
    values("udp", udp, {"IP_MTU_DISCOVER", IPPROTO_IP, IP_MTU_DISCOVER}, {1, 3, 4, 5, -1});
    values("udp", udp, {"UDP_CORK", IPPROTO_UDP, 1}, {1, 0});
    values("udp", udp, {"an unknown one", IPPROTO_UDP, 99}, {1});
    values("udp6", udp6, {"IPV6_DONTFRAG", IPPROTO_IPV6, IPV6_DONTFRAG}, {1, 0});
    values("udp6", udp6, {"IPV6_RECVTCLASS", IPPROTO_IPV6, IPV6_RECVTCLASS}, {1, 0});
    values("udp6", udp6, {"IPV6_RECVPATHMTU", IPPROTO_IPV6, 60}, {1, 0});
    values("udp6", udp6, {"IPV6_MULTICAST_ALL", IPPROTO_IPV6, 29}, {0, 1, 2});
    values("udp6", udp6, {"IPV6_MTU_DISCOVER", IPPROTO_IPV6, IPV6_MTU_DISCOVER}, {0, 2, 5, 6});
    values("udp6", udp6, {"IPV6_FREEBIND", IPPROTO_IPV6, 78}, {1, 0});
    values("udp6", udp6, {"IPV6_MTU", IPPROTO_IPV6, IPV6_MTU}, {1000, 1280});
    values("udp6", udp6, {"IP_TTL", IPPROTO_IP, IP_TTL}, {9});
    values("udp6", udp6, {"IP_TOS", IPPROTO_IP, IP_TOS}, {8});
    values("udp6", udp6, {"IP_PKTINFO", IPPROTO_IP, IP_PKTINFO}, {1});
    values("tcp6", tcp6, {"IPV6_UNICAST_HOPS", IPPROTO_IPV6, IPV6_UNICAST_HOPS}, {9});
    values("tcp6", tcp6, {"IPV6_TCLASS", IPPROTO_IPV6, IPV6_TCLASS}, {8, 11});
    values("tcp6", tcp6, {"an unknown one", IPPROTO_IPV6, 999}, {1});
    values("udp6", udp6, {"TCP_NODELAY", IPPROTO_TCP, TCP_NODELAY}, {1});
    // A value of one byte is IP's, for get as for set.
    for (const Named& each :
         {Named{"IP_TTL", IPPROTO_IP, IP_TTL}, Named{"IP_MULTICAST_TTL", IPPROTO_IP, IP_MULTICAST_TTL},
          Named{"SO_BROADCAST", SOL_SOCKET, SO_BROADCAST}}) {
        unsigned char byte = 77;
        socklen_t size = 1;
        TELL(getsockopt(udp, each.level, each.number, &byte, &size));
        line(each.name, std::to_string(byte) + " in " + std::to_string(size));
    }
    int value = 0;
    socklen_t none = 0;
    TELL(getsockopt(udp, SOL_SOCKET, SO_TYPE, &value, &none));
    line("size", std::to_string(none));
    TELL(getsockopt(udp, IPPROTO_IP, IP_TTL, &value, &none));
    TELL(getsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &value, &none));
    TELL(setsockopt(tcp, IPPROTO_TCP, TCP_NODELAY, &value, 2));
    TELL(setsockopt(udp6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &value, 2));
    TELL(setsockopt(udp, IPPROTO_IP, IP_TTL, &value, 0));
    TELL(setsockopt(udp, SOL_SOCKET, SO_LINGER, &value, sizeof(value)));
    char name[16] = {};
    socklen_t size = sizeof(name);
    TELL(getsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, name, &size));
    line("size", std::to_string(size));
    TELL(setsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
    size = sizeof(name);
    TELL(getsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, name, &size));
    line("device", name + std::string(" in ") + std::to_string(size));
    size = 4;
    TELL(getsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, name, &size));
    // What is inherited.
    const Fd giving = stream();
    bind_to(giving, v4("127.0.0.1", 0));
    const Named inherited[] = {{"SO_REUSEADDR", SOL_SOCKET, SO_REUSEADDR},
                               {"SO_RCVLOWAT", SOL_SOCKET, SO_RCVLOWAT},
                               {"SO_SNDBUF", SOL_SOCKET, SO_SNDBUF},
                               {"SO_PRIORITY", SOL_SOCKET, SO_PRIORITY},
                               {"TCP_KEEPIDLE", IPPROTO_TCP, TCP_KEEPIDLE},
                               {"TCP_KEEPCNT", IPPROTO_TCP, TCP_KEEPCNT},
                               {"TCP_USER_TIMEOUT", IPPROTO_TCP, TCP_USER_TIMEOUT},
                               {"TCP_SYNCNT", IPPROTO_TCP, TCP_SYNCNT},
                               {"TCP_LINGER2", IPPROTO_TCP, TCP_LINGER2},
                               {"IP_TOS", IPPROTO_IP, IP_TOS},
                               {"SO_OOBINLINE", SOL_SOCKET, SO_OOBINLINE}};
    int wish = 4;
    for (const Named& each : inherited) set(giving, each.level, each.number, ++wish);
    const linger patient{1, 3};
    setsockopt(giving, SOL_SOCKET, SO_LINGER, &patient, sizeof(patient));
    listen(giving, 2);
    const Fd client = stream();
    connect_to(client, v4("127.0.0.1", port_of(giving)));
    const Fd accepted(accept(giving, nullptr, nullptr));
    for (const Named& each : inherited)
        line((std::string("inherited ") + each.name).c_str(),
             std::to_string(option(accepted, each.level, each.number)));
    linger state{};
    size = sizeof(state);
    getsockopt(accepted, SOL_SOCKET, SO_LINGER, &state, &size);
    line("inherited SO_LINGER", std::to_string(state.l_onoff) + " " + std::to_string(state.l_linger));
}

/// Segments are as TCP_MAXSEG says.
void segment_sizes() {
    const Fd listening = listener(), client = stream();
    set(client, IPPROTO_TCP, TCP_MAXSEG, 500);
    connect_to(client, v4("127.0.0.1", port_of(listening)));
    const Fd server(accept(listening, nullptr, nullptr));
    settle();
    TELL(option(client, IPPROTO_TCP, TCP_MAXSEG) <= 500);
    TELL(option(client, IPPROTO_TCP, TCP_MAXSEG) >= 480);
    TELL(information(client).tcpi_snd_mss <= 500);
}

void error_queue() {
    const Fd closed_port = stream(0, AF_INET6), fd = datagram(0, AF_INET6);
    bind_to(closed_port, v6("::1", 0));
    const sockaddr_in6 nobody = v6("::1", port_of(closed_port));
    const auto* target = reinterpret_cast<const sockaddr*>(&nobody);
    sendto(fd, "x", 1, 0, target, sizeof(nobody));
    settle();
    line("IPv6, not asked", ready(fd));
    TELL(set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1));
    sendto(fd, "first", 5, 0, target, sizeof(nobody));
    await(fd, POLLERR);
    sendto(fd, "second", 6, 0, target, sizeof(nobody));
    settle();
    line("IPv6, asked", ready(fd));
    // An error is told once by calls, and waits in the queue besides.
    char byte;
    TELL(recv(fd, &byte, 1, MSG_DONTWAIT));
    TELL(recv(fd, &byte, 1, MSG_DONTWAIT));
    for (int i = 0; i < 4; ++i) {
        Message queued;
        queued.part.iov_len = 3;
        msghdr& header = queued.header;
        errno = 0;
        const ssize_t size = recvmsg(fd, &header, MSG_ERRQUEUE);
        line("from the queue", outcome(size));
        if (size < 0) continue;
        line("bytes", std::string(queued.bytes, static_cast<size_t>(size)));
        line("to", address_text(queued.name, header.msg_namelen));
        TELL((header.msg_flags & MSG_TRUNC) != 0);
        for (cmsghdr* message = CMSG_FIRSTHDR(&header); message != nullptr; message = CMSG_NXTHDR(&header, message)) {
            sock_extended_err error;
            std::memcpy(&error, CMSG_DATA(message), sizeof(error));
            line("error", std::to_string(message->cmsg_level) + " " + std::to_string(message->cmsg_type) + " " +
                              std::to_string(message->cmsg_len) + " " + error_name(static_cast<int>(error.ee_errno)) +
                              " " + std::to_string(error.ee_origin) + " " + std::to_string(error.ee_type) + " " +
                              std::to_string(error.ee_code) + " " + std::to_string(error.ee_info));
            sockaddr_storage offender{};
            std::memcpy(&offender, CMSG_DATA(message) + sizeof(error), sizeof(sockaddr_in6));
            line("offender", address_text(offender, 0));
        }
        line("ready then", ready(fd));
        line("pending then", pending(fd));
    }
    // IPv4 inside IPv6.
    const Fd four_port = stream();
    bind_to(four_port, v4("127.0.0.1", 0));
    const Fd dual = datagram(0, AF_INET6);
    connect_to(dual, v6("::ffff:127.0.0.1", port_of(four_port)));
    TELL(send(dual, "x", 1, 0));
    await(dual, POLLERR);
    line("mapped, connected", ready(dual));
    TELL(send(dual, "x", 1, 0));
    // Switched off again: the queue goes.
    sendto(fd, "third", 5, 0, target, sizeof(nobody));
    await(fd, POLLERR);
    TELL(set(fd, IPPROTO_IPV6, IPV6_RECVERR, 0));
    TELL(recv(fd, &byte, 1, MSG_ERRQUEUE));
    line("pending after it was switched off", pending(fd));
    line("ready after it was switched off", ready(fd));
}

/// What recvmsg() says is left.
void left_unread() {
    Pair ends = pair();
    const int on = 1;
    TELL(setsockopt(ends.server, IPPROTO_TCP, TCP_INQ, &on, sizeof(on)));
    send(ends.client, "0123456789", 10, 0);
    await(ends.server, POLLIN);
    settle();
    const auto receive = [&](std::size_t size) {
        Message message;
        message.part.iov_len = size;
        TELL(recvmsg(ends.server, &message.header, MSG_DONTWAIT));
        // After an error the control messages are those from before, here of length 0.
        for (cmsghdr* part = CMSG_FIRSTHDR(&message.header); part != nullptr;
             part = CMSG_NXTHDR(&message.header, part)) {
            int value = -1;
            std::memcpy(&value, CMSG_DATA(part), sizeof(value));
            TELL(part->cmsg_level);
            TELL(part->cmsg_type);
            line("left", std::to_string(value));
        }
    };
    receive(4);
    receive(6);
    receive(1);  // EAGAIN
    send(ends.client, "0123456789", 10, 0);
    shutdown(ends.client, SHUT_WR);
    await(ends.server, POLLRDHUP);
    settle();
    receive(4);
    receive(6);
    receive(1);  // the end
    TELL(sockatmark(ends.server));
    const Fd datagrams(socket(AF_INET, SOCK_DGRAM, 0));
    TELL(sockatmark(datagrams));
}

/// How much a connection takes whose peer does not read.
std::size_t taken(int low) {
    Pair ends = pair();
    setsockopt(ends.client, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &low, sizeof(low));
    fcntl(ends.client, F_SETFL, O_NONBLOCK);
    const std::vector<char> much(8192);
    std::size_t total = 0;
    for (ssize_t size; (size = send(ends.client, much.data(), much.size(), 0)) > 0; settle())
        total += static_cast<std::size_t>(size);
    if (low == 0) return total;
    line("a full one", ready(ends.client, 0, POLLOUT));
    std::vector<char> read(1 << 20);
    for (int round = 0; round < 1000 && ready(ends.client, 0, POLLOUT) == "none"; ++round, settle())
        (void)!recv(ends.server, read.data(), read.size(), MSG_DONTWAIT);
    line("after the peer has read", ready(ends.client, 0, POLLOUT));
    return total;
}
void not_sent() {
    const std::size_t usual = taken(0), low = taken(4096);
    TELL(low > 0 && low < usual / 2);
}

}  // namespace

void details() {
    connection_information();
    values_of_options();
    segment_sizes();
    error_queue();
    left_unread();
    not_sent();
}

}  // namespace conformance
