// SPDX-License-Identifier: Apache-2.0
// The machine that is flooded: port 80 echoes by TCP, 81 tells "FREE IO_FREE IO_TOTAL" in KiB and ends, 83 echoes by
// UDP; what comes to port 82 by UDP is not read. It is a member of 224.1.2.3 and ff15::123.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <tenon/memory.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

int open_port(int type, std::uint16_t port) {
    const int fd = socket(AF_INET6, type, 0);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        (type == SOCK_STREAM && listen(fd, 128) != 0)) {
        std::perror("port");
        std::exit(1);
    }
    return fd;
}

void echo(int fd) {
    char byte;
    while (read(fd, &byte, 1) == 1 && write(fd, &byte, 1) == 1) {
    }
    close(fd);
}

void tell(int fd) {
    tenon_memory_statistics memory{};
    tenon_get_memory_statistics(&memory);
    char text[100];
    const int size = std::snprintf(text, sizeof(text), "%lu %lu %lu\n", memory.free >> 10, memory.io_free >> 10,
                                   memory.io_total >> 10);
    (void)!write(fd, text, static_cast<std::size_t>(size));
    close(fd);
}

void serve(int listener, void (*work)(int)) {
    for (;;) {
        const int fd = accept(listener, nullptr, nullptr);
        if (fd >= 0) std::thread(work, fd).detach();
    }
}

void echo_datagrams(int fd) {
    std::vector<char> bytes(65536);
    sockaddr_in6 from{};
    for (;;) {
        socklen_t size = sizeof(from);
        const ssize_t count = recvfrom(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
        if (count >= 0)
            (void)sendto(fd, bytes.data(), static_cast<std::size_t>(count), 0, reinterpret_cast<const sockaddr*>(&from),
                         size);
    }
}

void join_groups() {
    const int fd4 = socket(AF_INET, SOCK_DGRAM, 0), fd6 = socket(AF_INET6, SOCK_DGRAM, 0);
    ip_mreqn group4{};
    inet_pton(AF_INET, "224.1.2.3", &group4.imr_multiaddr);
    inet_pton(AF_INET, "10.0.0.2", &group4.imr_address);
    ipv6_mreq group6{};
    inet_pton(AF_INET6, "ff15::123", &group6.ipv6mr_multiaddr);
    group6.ipv6mr_interface = if_nametoindex("en0");
    if (setsockopt(fd4, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group4, sizeof(group4)) != 0 ||
        setsockopt(fd6, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group6, sizeof(group6)) != 0) {
        std::perror("group");
        std::exit(1);
    }
}

}  // namespace

int main() {
    join_groups();
    open_port(SOCK_DGRAM, 82);
    std::thread(serve, open_port(SOCK_STREAM, 81), tell).detach();
    std::thread(echo_datagrams, open_port(SOCK_DGRAM, 83)).detach();
    const int listener = open_port(SOCK_STREAM, 80);
    tenon_ready();
    serve(listener, echo);
}
