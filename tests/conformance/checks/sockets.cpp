// SPDX-License-Identifier: Apache-2.0
// Sockets: results and errors of the calls, on the machine itself.
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "../check.h"

using namespace conformance;

namespace {

sockaddr_in local(std::uint16_t port = 0) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}
sockaddr* generic(sockaddr_in& address) { return reinterpret_cast<sockaddr*>(&address); }

template <typename T>
void option(const char* name, int fd, int level, int key, T set) {
    const std::string of = name;
    T got = {};
    socklen_t size = sizeof(got);
    CALL("setsockopt " + of, setsockopt(fd, level, key, &set, sizeof(set)));
    CALL("getsockopt " + of, getsockopt(fd, level, key, &got, &size));
    VALUE("its size, " + of, size);
    VALUE("as it was set, " + of, std::memcmp(&got, &set, sizeof(got)) == 0);
}

}  // namespace

CONFORMANCE(sockets) {
    CALL("wrong family", socket(77, SOCK_STREAM, 0));
    CALL("wrong kind", socket(AF_INET, 77, 0));
    CALL("wrong protocol", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
    const Descriptor stream(socket(AF_INET, SOCK_STREAM, 0)),
        datagrams(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    VALUE("close on exec", fcntl(datagrams, F_GETFD));
    VALUE("nonblocking", (fcntl(datagrams, F_GETFL) & O_NONBLOCK) != 0);
    const Descriptor file(open("text.txt", O_RDONLY));
    sockaddr_in address = local();
    socklen_t size = sizeof(address);
    char buffer[100];
    for (const auto& [name, fd] : {std::pair{"file", static_cast<int>(file)}, {"nothing", -1}}) {
        const std::string of = name;
        CALL("bind of a " + of, bind(fd, generic(address), sizeof(address)));
        CALL("listen of a " + of, listen(fd, 1));
        CALL("accept of a " + of, accept(fd, nullptr, nullptr));
        CALL("connect of a " + of, connect(fd, generic(address), sizeof(address)));
        CALL("send of a " + of, send(fd, "x", 1, 0));
        CALL("recv of a " + of, recv(fd, buffer, 1, 0));
        CALL("getsockname of a " + of, getsockname(fd, generic(address), &size));
        CALL("getpeername of a " + of, getpeername(fd, generic(address), &size));
        CALL("shutdown of a " + of, shutdown(fd, SHUT_RD));
        int value = 0;
        socklen_t value_size = sizeof(value);
        CALL("getsockopt of a " + of, getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &value_size));
        CALL("setsockopt of a " + of, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)));
    }
    CALL("lseek", lseek(stream, 0, SEEK_SET));
    CALL("pread", pread(stream, buffer, 1, 0));
    CALL("getpeername before", getpeername(stream, generic(address), &size));
    CALL("accept before", accept(stream, nullptr, nullptr));
    CALL("shutdown before", shutdown(stream, SHUT_RD));
    CALL("bind, too short", bind(stream, generic(address), 4));
    CALL("recv of nothing", recv(datagrams, buffer, sizeof(buffer), 0));
    CALL("send to nobody", send(datagrams, "x", 1, 0));
    CALL("listen on datagrams", listen(datagrams, 1));
    CALL("accept on datagrams", accept(datagrams, nullptr, nullptr));
    CALL("socketpair of a wrong family", socketpair(AF_INET, SOCK_STREAM, 0, std::array<int, 2>{}.data()));
}

CONFORMANCE(socket_options) {
    const Descriptor stream(socket(AF_INET, SOCK_STREAM, 0)), datagrams(socket(AF_INET, SOCK_DGRAM, 0));
    option("SO_REUSEADDR", stream, SOL_SOCKET, SO_REUSEADDR, 1);
    option("SO_KEEPALIVE", stream, SOL_SOCKET, SO_KEEPALIVE, 1);
    option("SO_BROADCAST", datagrams, SOL_SOCKET, SO_BROADCAST, 1);
    option("SO_LINGER", stream, SOL_SOCKET, SO_LINGER, linger{1, 5});
    option("SO_RCVTIMEO", datagrams, SOL_SOCKET, SO_RCVTIMEO, timeval{1, 0});
    option("SO_SNDTIMEO", stream, SOL_SOCKET, SO_SNDTIMEO, timeval{1, 0});
    option("TCP_NODELAY", stream, IPPROTO_TCP, TCP_NODELAY, 1);
    option("IP_TTL", stream, IPPROTO_IP, IP_TTL, 33);
    int value = -1;
    socklen_t size = sizeof(value);
    for (const auto& [name, key] :
         {std::pair{"SO_TYPE", SO_TYPE}, {"SO_ERROR", SO_ERROR}, {"SO_ACCEPTCONN", SO_ACCEPTCONN}}) {
        CALL(std::string("getsockopt ") + name, getsockopt(stream, SOL_SOCKET, key, &value, &size));
        VALUE("its value", value);
    }
    CALL("getsockopt SO_TYPE", getsockopt(datagrams, SOL_SOCKET, SO_TYPE, &value, &size));
    VALUE("its value", value == SOCK_DGRAM);
    CALL("setsockopt SO_TYPE", setsockopt(stream, SOL_SOCKET, SO_TYPE, &value, sizeof(value)));
    CALL("wrong option", setsockopt(stream, SOL_SOCKET, 9999, &value, sizeof(value)));
    CALL("wrong option read", getsockopt(stream, SOL_SOCKET, 9999, &value, &size));
    CALL("wrong level", getsockopt(stream, 9999, 1, &value, &size));
    CALL("too short", setsockopt(stream, SOL_SOCKET, SO_REUSEADDR, &value, 1));
    CALL("TCP option of datagrams", setsockopt(datagrams, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value)));
    CALL("SO_RCVBUF", setsockopt(stream, SOL_SOCKET, SO_RCVBUF, &(value = 10000), sizeof(value)));
    CALL("SO_RCVTIMEO, wrong time", setsockopt(stream, SOL_SOCKET, SO_RCVTIMEO,
                                               &static_cast<const timeval&>(timeval{0, 1'000'000}), sizeof(timeval)));
}

CONFORMANCE(streams_of_bytes) {
    const Descriptor listener(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = local();
    socklen_t size = sizeof(address);
    char buffer[100];
    CALL("bind", bind(listener, generic(address), sizeof(address)));
    CALL("bind again", bind(listener, generic(address), sizeof(address)));
    CALL("listen", listen(listener, 5));
    CALL("getsockname", getsockname(listener, generic(address), &size));
    VALUE("a port", ntohs(address.sin_port) != 0);
    VALUE("its size", size);
    const Descriptor other(socket(AF_INET, SOCK_STREAM, 0));
    CALL("bind to a taken port", bind(other, generic(address), sizeof(address)));
    const Descriptor client(socket(AF_INET, SOCK_STREAM, 0));
    CALL("connect", connect(client, generic(address), sizeof(address)));
    CALL("connect again", connect(client, generic(address), sizeof(address)));
    sockaddr_in peer = {};
    size = sizeof(peer);
    const Descriptor server(accept(listener, generic(peer), &size));
    VALUE("accept", server >= 0);
    VALUE("from the machine itself", ntohl(peer.sin_addr.s_addr) == INADDR_LOOPBACK);
    CALL("send", send(client, "hello", 5, 0));
    CALL("recv, a look ahead", recv(server, buffer, 3, MSG_PEEK));
    int waiting = 0;
    CALL("FIONREAD", ioctl(server, FIONREAD, &waiting));
    VALUE("what waits", waiting);
    CALL("recv", recv(server, buffer, sizeof(buffer), 0));
    CALL("recv of nothing, at once", recv(server, buffer, sizeof(buffer), MSG_DONTWAIT));
    CALL("write", write(server, "answer", 6));
    CALL("recv of all", recv(client, buffer, 6, MSG_WAITALL));
    CALL("shutdown", shutdown(client, SHUT_WR));
    CALL("recv at the end", recv(server, buffer, sizeof(buffer), 0));
    CALL("send after shutdown", send(client, "x", 1, MSG_NOSIGNAL));
    CALL("shutdown, wrong", shutdown(client, 77));
    pollfd polled = {server, POLLIN | POLLOUT, 0};
    poll(&polled, 1, 1000);
    VALUE("readable and writable", polled.revents & (POLLIN | POLLOUT));
    const Descriptor refused(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in nobody = local(1);
    CALL("connect to nobody", connect(refused, generic(nobody), sizeof(nobody)));
}

CONFORMANCE(datagrams) {
    const Descriptor one(socket(AF_INET, SOCK_DGRAM, 0)), other(socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in address = local(), from = {};
    socklen_t size = sizeof(address);
    char buffer[100];
    bind(one, generic(address), sizeof(address));
    getsockname(one, generic(address), &size);
    CALL("sendto", sendto(other, "hello", 5, 0, generic(address), sizeof(address)));
    size = sizeof(from);
    CALL("recvfrom, cut", recvfrom(one, buffer, 3, 0, generic(from), &size));
    VALUE("from", ntohl(from.sin_addr.s_addr) == INADDR_LOOPBACK);
    CALL("the rest is gone", recv(one, buffer, sizeof(buffer), MSG_DONTWAIT));
    CALL("sendto, empty", sendto(other, "", 0, 0, generic(address), sizeof(address)));
    CALL("recv, empty", recv(one, buffer, sizeof(buffer), 0));
    CALL("connect", connect(other, generic(address), sizeof(address)));
    CALL("send", send(other, "text", 4, 0));
    iovec parts[] = {{buffer, 2}, {buffer + 2, 50}};
    msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    CALL("recvmsg", recvmsg(one, &message, 0));
    VALUE("not cut", (message.msg_flags & MSG_TRUNC) != 0);
    send(other, "longer", 6, 0);
    message.msg_iovlen = 1;
    CALL("recvmsg, cut", recvmsg(one, &message, 0));
    VALUE("cut", (message.msg_flags & MSG_TRUNC) != 0);
    CALL("sendto, too large", sendto(one, buffer, 70'000, 0, generic(address), sizeof(address)));
}

CONFORMANCE(addresses) {
    in_addr four = {};
    in6_addr six = {};
    char text[100];
    for (const char* address :
         {"127.0.0.1", "255.255.255.255", "1.2.3", "256.1.1.1", "1.2.3.4.5", "01.2.3.4", " 1.2.3.4", "", "x"})
        CALL(std::string("inet_pton ") + address, inet_pton(AF_INET, address, &four));
    for (const char* address :
         {"::1", "::", "fe80::1", "1:2:3:4:5:6:7:8", "1:2:3", "::ffff:1.2.3.4", "1::2::3", "12345::", ":::", ""}) {
        CALL(std::string("inet_pton ") + address, inet_pton(AF_INET6, address, &six));
        POINTER("inet_ntop", inet_ntop(AF_INET6, &six, text, sizeof(text)));
        report("its text", text);
    }
    CALL("inet_pton, wrong family", inet_pton(77, "1.2.3.4", &four));
    POINTER("inet_ntop, wrong family", inet_ntop(77, &four, text, sizeof(text)));
    POINTER("inet_ntop, no room", inet_ntop(AF_INET, &four, text, 4));
    VALUE("htons", htons(0x1234));
    VALUE("ntohl", ntohl(0x12345678));
    addrinfo hints = {}, *found = nullptr;
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    VALUE("getaddrinfo", getaddrinfo("127.0.0.1", "80", &hints, &found));
    VALUE("its family", found->ai_family == AF_INET);
    VALUE("its port", ntohs(reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_port));
    VALUE("getnameinfo",
          getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST));
    report("its name", text);
    freeaddrinfo(found);
    VALUE("getaddrinfo of a name", getaddrinfo("name", nullptr, &hints, &found) == EAI_NONAME);
    VALUE("getaddrinfo of nothing", getaddrinfo(nullptr, nullptr, &hints, &found) == EAI_NONAME);
    VALUE("gai_strerror says something", std::strlen(gai_strerror(EAI_NONAME)) > 0);
    VALUE("if_nametoindex of nothing", if_nametoindex("nothing0"));
}
