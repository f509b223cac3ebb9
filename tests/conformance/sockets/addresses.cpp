// SPDX-License-Identifier: Apache-2.0
// Making sockets, binding and connecting them.
#include <fcntl.h>
#include <sys/stat.h>

#include "report.h"

namespace conformance {
namespace {

long open_and_close(int family, int type, int protocol) {
    const int fd = socket(family, type, protocol);
    if (fd >= 0) close(fd);
    return fd >= 0 ? 0 : -1;
}

}  // namespace

void creation() {
    TELL(open_and_close(AF_INET, SOCK_STREAM, 0));
    TELL(open_and_close(AF_INET, SOCK_STREAM, IPPROTO_TCP));
    TELL(open_and_close(AF_INET, SOCK_STREAM, IPPROTO_UDP));
    TELL(open_and_close(AF_INET, SOCK_DGRAM, IPPROTO_UDP));
    TELL(open_and_close(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
    TELL(open_and_close(AF_INET6, SOCK_STREAM, 0));
    TELL(open_and_close(AF_INET6, SOCK_DGRAM, 0));
    TELL(open_and_close(AF_INET, SOCK_RAW, 0));
    TELL(open_and_close(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    TELL(open_and_close(AF_INET, SOCK_SEQPACKET, 0));
    TELL(open_and_close(AF_INET, 77, 0));
    TELL(open_and_close(AF_INET, SOCK_STREAM, -1));
    TELL(open_and_close(AF_INET, SOCK_STREAM, 999));
    TELL(open_and_close(-1, SOCK_STREAM, 0));
    TELL(open_and_close(99, SOCK_STREAM, 0));
    TELL(open_and_close(AF_UNSPEC, SOCK_STREAM, 0));
    int ends[2];
    TELL(socketpair(AF_INET, SOCK_STREAM, 0, ends));
    const Fd flagged(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    TELL((fcntl(flagged, F_GETFL) & O_NONBLOCK) != 0);
    TELL((fcntl(flagged, F_GETFL) & O_ACCMODE) == O_RDWR);
    TELL(fcntl(flagged, F_GETFD));
    struct stat status {};
    TELL(fstat(flagged, &status));
    TELL(S_ISSOCK(status.st_mode));
    TELL(lseek(flagged, 0, SEEK_SET));
    char byte;
    TELL(pread(flagged, &byte, 1, 0));
    TELL(isatty(flagged));
    TELL(bind_to(0, v4("127.0.0.1", 0)));
    TELL(bind_to(-1, v4("127.0.0.1", 0)));
    TELL(listen(99, 1));
    line("fresh stream", ready(stream()));
    line("fresh datagram", ready(datagram()));
    line("name of a fresh one", local_of(stream()));
    line("name of a fresh one of IPv6", local_of(stream(0, AF_INET6)));
    line("peer of a fresh one", peer_of(stream()));
    line("peer of a fresh datagram socket", peer_of(datagram()));
}

void binding() {
    Fd fd = stream();
    const sockaddr_in good = v4("127.0.0.1", 0);
    TELL(bind(fd, nullptr, sizeof(good)));
    TELL(bind(fd, reinterpret_cast<const sockaddr*>(&good), 8));
    TELL(bind(fd, reinterpret_cast<const sockaddr*>(&good), 0));
    TELL(bind_to(fd, v6("::1", 0)));
    TELL(bind_to(fd, v4("203.0.113.1", 0)));
    sockaddr_in unspecified = v4("0.0.0.0", 0);
    unspecified.sin_family = AF_UNSPEC;
    {
        const Fd other = stream();
        TELL(bind_to(other, unspecified));
        unspecified.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const Fd another = stream();
        TELL(bind_to(another, unspecified));
    }
    TELL(bind_to(fd, good));
    line("name", local_of(fd));
    TELL(port_of(fd) >= 32768 && port_of(fd) <= 60999);
    TELL(bind_to(fd, good));
    const int port = port_of(fd);
    {
        const Fd second = stream();
        TELL(bind_to(second, v4("127.0.0.1", port)));
        TELL(bind_to(second, v4("0.0.0.0", port)));
        TELL(bind_to(second, v4("127.0.0.2", port)));
    }
    {
        const Fd six = stream(0, AF_INET6);
        TELL(bind_to(six, v6("::", port)));
        TELL(set(six, IPPROTO_IPV6, IPV6_V6ONLY, 1));
        TELL(bind_to(six, v6("::", port)));
        TELL(set(six, IPPROTO_IPV6, IPV6_V6ONLY, 0));
    }
    {
        const Fd six = stream(0, AF_INET6);
        TELL(bind_to(six, v6("::ffff:127.0.0.1", port)));
        TELL(bind_to(six, v6("::ffff:127.0.0.3", port)));
        line("name of a mapped one", local_of(six));
        const Fd only = stream(0, AF_INET6);
        set(only, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        TELL(bind_to(only, v6("::ffff:127.0.0.1", 0)));
        TELL(bind_to(only, v4("127.0.0.1", 0)));
        TELL(bind_to(only, v6("2001:db8::1", 0)));
        TELL(bind_to(only, v6("fe80::1234", 0)));
        TELL(bind_to(only, v6("ff02::1", 0)));
    }
    // SO_REUSEADDR: shared as long as no socket listens.
    const Fd one = stream(), two = stream(), three = stream();
    set(one, SOL_SOCKET, SO_REUSEADDR, 1);
    set(two, SOL_SOCKET, SO_REUSEADDR, 1);
    TELL(bind_to(one, v4("127.0.0.1", 0)));
    const int shared = port_of(one);
    TELL(bind_to(two, v4("127.0.0.1", shared)));
    TELL(bind_to(three, v4("127.0.0.1", shared)));
    TELL(listen(one, 1));
    TELL(listen(two, 1));
    const Fd four = stream();
    set(four, SOL_SOCKET, SO_REUSEADDR, 1);
    TELL(bind_to(four, v4("127.0.0.1", shared)));
    // SO_REUSEPORT: also when both listen.
    const Fd a = stream(), b = stream(), c = stream();
    set(a, SOL_SOCKET, SO_REUSEPORT, 1);
    set(b, SOL_SOCKET, SO_REUSEPORT, 1);
    TELL(bind_to(a, v4("127.0.0.1", 0)));
    TELL(bind_to(b, v4("127.0.0.1", port_of(a))));
    TELL(bind_to(c, v4("127.0.0.1", port_of(a))));
    TELL(listen(a, 1));
    TELL(listen(b, 1));
    // UDP
    const Fd d = datagram(), e = datagram();
    TELL(bind_to(d, v4("127.0.0.1", 0)));
    TELL(bind_to(e, v4("127.0.0.1", port_of(d))));
    TELL(bind_to(d, v4("127.0.0.1", 0)));
    const Fd f = datagram(), g = datagram();
    set(f, SOL_SOCKET, SO_REUSEADDR, 1);
    set(g, SOL_SOCKET, SO_REUSEADDR, 1);
    TELL(bind_to(f, v4("127.0.0.1", 0)));
    TELL(bind_to(g, v4("127.0.0.1", port_of(f))));
    const Fd group = datagram();
    TELL(bind_to(group, v4("224.1.2.3", 0)));
    // A datagram port and a stream port of one number are two things.
    const Fd h = stream();
    TELL(bind_to(h, v4("127.0.0.1", port_of(d))));
    // A port is free again after its socket is closed.
    Fd gone = stream();
    bind_to(gone, v4("127.0.0.1", 0));
    const int free_again = port_of(gone);
    gone.reset();
    const Fd next = stream();
    TELL(bind_to(next, v4("127.0.0.1", free_again)));
    socklen_t small = 4;
    sockaddr_in name{};
    TELL(getsockname(next, reinterpret_cast<sockaddr*>(&name), &small));
    line("size of a name that was cut", std::to_string(small));
    small = static_cast<socklen_t>(-1);
    TELL(getsockname(next, reinterpret_cast<sockaddr*>(&name), &small));
    TELL(getsockname(0, reinterpret_cast<sockaddr*>(&name), &small));
}

void connecting() {
    Fd listening = listener();
    const int port = port_of(listening);
    Fd refused = stream();
    Fd closed_port = stream();
    bind_to(closed_port, v4("127.0.0.1", 0));
    const int nobody = port_of(closed_port);
    TELL(connect_to(refused, v4("127.0.0.1", nobody)));
    line("after a refusal", ready(refused));
    line("pending", pending(refused));
    TELL(connect_to(refused, v4("127.0.0.1", port)));
    line("peer", peer_of(refused));
    line("name", local_of(refused));
    TELL(connect_to(refused, v4("127.0.0.1", port)));
    // Without waiting.
    Fd later = stream(SOCK_NONBLOCK);
    TELL(connect_to(later, v4("127.0.0.1", port)));
    await(later, POLLOUT);
    line("connected", ready(later));
    line("pending", pending(later));
    TELL(connect_to(later, v4("127.0.0.1", port)));
    TELL(connect_to(later, v4("127.0.0.1", port)));
    Fd failing = stream(SOCK_NONBLOCK);
    TELL(connect_to(failing, v4("127.0.0.1", nobody)));
    await(failing, POLLOUT);
    line("refused later", ready(failing));
    line("pending", pending(failing));
    line("pending again", pending(failing));
    line("then", ready(failing));
    Fd failing2 = stream(SOCK_NONBLOCK);
    connect_to(failing2, v4("127.0.0.1", nobody));
    await(failing2, POLLOUT);
    TELL(connect_to(failing2, v4("127.0.0.1", port)));
    Fd failing3 = stream(SOCK_NONBLOCK);
    connect_to(failing3, v4("127.0.0.1", nobody));
    await(failing3, POLLOUT);
    char byte = 0;
    TELL(read(failing3, &byte, 1));
    TELL(read(failing3, &byte, 1));
    TELL(send(failing3, &byte, 1, MSG_NOSIGNAL));
    // Addresses that cannot be a peer's.
    const Fd odd = stream();
    const sockaddr_in good = v4("127.0.0.1", port);
    TELL(connect(odd, reinterpret_cast<const sockaddr*>(&good), 4));
    TELL(connect(odd, nullptr, sizeof(good)));
    TELL(connect_to(odd, v6("::1", port)));
    TELL(connect_to(odd, v4("224.0.0.1", port)));
    TELL(connect_to(odd, v4("255.255.255.255", port)));
    TELL(connect_to(odd, v4("198.51.100.1", port)));
    TELL(connect_to(odd, v4("0.0.0.0", port)));
    line("peer of the wildcard", peer_of(odd));
    TELL(connect_to(listening, v4("127.0.0.1", port)));
    // IPv6, and IPv4 through it.
    const Fd six = stream(0, AF_INET6);
    TELL(connect_to(six, v6("::ffff:127.0.0.1", port)));
    line("mapped peer", peer_of(six));
    line("mapped name", local_of(six));
    const Fd only = stream(0, AF_INET6);
    set(only, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    TELL(connect_to(only, v6("::ffff:127.0.0.1", port)));
    TELL(connect_to(only, v6("2001:db8::1", port)));
    // Dissolved by AF_UNSPEC.
    sockaddr none{};
    none.sa_family = AF_UNSPEC;
    TELL(connect(refused, &none, sizeof(none)));
    line("dissolved", peer_of(refused));
    line("dissolved, ready", ready(refused));
    TELL(connect_to(refused, v4("127.0.0.1", port)));
    // A bound one.
    const Fd from = stream();
    bind_to(from, v4("127.0.0.5", 0));
    const int mine = port_of(from);
    TELL(connect_to(from, v4("127.0.0.1", port)));
    line("name of a bound one", local_of(from));
    TELL(port_of(from) == mine);
    const Fd second = stream();
    set(second, SOL_SOCKET, SO_REUSEADDR, 1);
    TELL(bind_to(second, v4("127.0.0.5", mine)));
    // UDP: no peer is asked.
    const Fd udp = datagram();
    TELL(connect_to(udp, v4("127.0.0.1", 9)));
    line("UDP peer", peer_of(udp));
    line("UDP name", local_of(udp));
    TELL(connect_to(udp, v4("127.0.0.2", 9)));
    line("UDP peer", peer_of(udp));
    TELL(connect(udp, &none, sizeof(none)));
    line("UDP peer", peer_of(udp));
    line("UDP name", local_of(udp));
    TELL(connect_to(udp, v4("255.255.255.255", 9)));
    TELL(connect_to(udp, v4("198.51.100.1", 9)));
}

void listening() {
    const Fd fd = stream();
    TELL(accept(fd, nullptr, nullptr));
    TELL(listen(fd, 1));
    TELL(port_of(fd) >= 32768);
    line("name", local_of(fd));
    line("ready", ready(fd));
    TELL(listen(fd, 5));
    TELL(listen(fd, -1));
    TELL(option(fd, SOL_SOCKET, SO_ACCEPTCONN));
    char byte = 0;
    TELL(read(fd, &byte, 1));
    TELL(send(fd, &byte, 1, MSG_NOSIGNAL));
    line("peer", peer_of(fd));
    const Fd udp = datagram();
    TELL(listen(udp, 1));
    TELL(accept(udp, nullptr, nullptr));
    // The accepted one.
    const Fd nonblocking = stream(SOCK_NONBLOCK);
    bind_to(nonblocking, v4("127.0.0.1", 0));
    set(nonblocking, IPPROTO_TCP, 1 /* TCP_NODELAY */, 1);
    set(nonblocking, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(nonblocking, SOL_SOCKET, SO_RCVBUF, 30000);
    set(nonblocking, IPPROTO_IP, IP_TTL, 77);
    listen(nonblocking, 4);
    TELL(accept(nonblocking, nullptr, nullptr));
    Fd client = stream();
    connect_to(client, v4("127.0.0.1", port_of(nonblocking)));
    await(nonblocking, POLLIN);
    line("a connection waits", ready(nonblocking));
    sockaddr_storage peer{};
    socklen_t size = sizeof(peer);
    const Fd accepted(accept(nonblocking, reinterpret_cast<sockaddr*>(&peer), &size));
    line("accepted from", address_text(peer, size));
    TELL((fcntl(accepted, F_GETFL) & O_NONBLOCK) != 0);
    TELL(option(accepted, IPPROTO_TCP, 1));
    TELL(option(accepted, SOL_SOCKET, SO_KEEPALIVE));
    TELL(option(accepted, SOL_SOCKET, SO_RCVBUF));
    TELL(option(accepted, IPPROTO_IP, IP_TTL));
    TELL(option(accepted, SOL_SOCKET, SO_ACCEPTCONN));
    TELL(port_of(accepted) == port_of(nonblocking));
    TELL(accept4(nonblocking, nullptr, nullptr, 1));
    TELL(connect_to(accepted, v4("127.0.0.1", 1)));
    TELL(listen(accepted, 1));
    // Both families at once.
    const Fd dual = stream(0, AF_INET6);
    bind_to(dual, v6("::", 0));
    listen(dual, 4);
    const Fd four = stream();
    TELL(connect_to(four, v4("127.0.0.1", port_of(dual))));
    size = sizeof(peer);
    const Fd from_four(accept(dual, reinterpret_cast<sockaddr*>(&peer), &size));
    line("IPv4 peer of a dual-stack listener", address_text(peer, size));
    line("its own name", local_of(from_four));
    const Fd six = stream(0, AF_INET6);
    TELL(connect_to(six, v6("::1", port_of(dual))));
    size = sizeof(peer);
    const Fd from_six(accept(dual, reinterpret_cast<sockaddr*>(&peer), &size));
    line("IPv6 peer of a dual-stack listener", address_text(peer, size));
    const Fd six_only = stream(0, AF_INET6);
    set(six_only, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    bind_to(six_only, v6("::", 0));
    listen(six_only, 4);
    const Fd four_again = stream();
    TELL(connect_to(four_again, v4("127.0.0.1", port_of(six_only))));
    // Ends of listeners.
    TELL(shutdown(nonblocking, SHUT_WR));
    TELL(option(nonblocking, SOL_SOCKET, SO_ACCEPTCONN));
    TELL(shutdown(nonblocking, SHUT_RD));
    TELL(accept(nonblocking, nullptr, nullptr));
    line("no longer listening", ready(nonblocking));
    TELL(listen(nonblocking, 1));
    // A connection that its peer reset before it was accepted.
    Fd waits = listener();
    Fd impatient = stream();
    connect_to(impatient, v4("127.0.0.1", port_of(waits)));
    await(waits, POLLIN);
    const linger at_once{1, 0};
    setsockopt(impatient, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    impatient.reset();
    settle();
    size = sizeof(peer);
    const Fd reset(accept(waits, reinterpret_cast<sockaddr*>(&peer), &size));
    TELL(reset >= 0);
    TELL(read(reset, &byte, 1));
    TELL(read(reset, &byte, 1));
}

}  // namespace conformance
