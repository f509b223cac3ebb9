// SPDX-License-Identifier: Apache-2.0
// witness INTERFACE ADDRESS ROUNDS: talks to server.cpp. Each round sends a byte on a connection that stays, and one on
// a new connection; both must come back within a second. Prints "old ANSWERED new ANSWERED asked N": how many did, and
// how often the guest asked for this host's link-layer address meanwhile. Needs CAP_NET_RAW.
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int limit_ms = 1000, pause_us = 50'000;

sockaddr_storage server{};
socklen_t server_size = 0;

void set_server(const char* text) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(server);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(server);
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        server.ss_family = AF_INET;
        server_size = sizeof(v4);
        v4.sin_port = htons(80);
    } else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        server.ss_family = AF_INET6;
        server_size = sizeof(v6);
        v6.sin6_port = htons(80);
    }
}

bool ready(int fd, short events) {
    pollfd polled{fd, events, 0};
    return poll(&polled, 1, limit_ms) == 1 && (polled.revents & events) != 0;
}

/// A connection, or -1: not within the limit.
int connected() {
    const int fd = socket(server.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    (void)connect(fd, reinterpret_cast<const sockaddr*>(&server), server_size);
    int error = 0;
    socklen_t size = sizeof(error);
    if (ready(fd, POLLOUT) && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0) return fd;
    close(fd);
    return -1;
}

/// `late`: bytes that are still under way from earlier rounds, which come first.
bool echoes(int fd, int& late) {
    if (fd < 0 || send(fd, "x", 1, MSG_NOSIGNAL) != 1) return false;
    for (++late; ready(fd, POLLIN);) {
        char bytes[64];
        const ssize_t count = read(fd, bytes, sizeof(bytes));
        if (count <= 0) return false;
        late -= static_cast<int>(count);
        if (late == 0) return true;
    }
    return false;
}

/// Takes the guest's frames from its queue. How many of them ask for this host: ARP requests for 10.0.0.1, neighbour
/// solicitations for fd00::1.
int count_questions(int fd) {
    int count = 0;
    std::uint8_t frame[128];
    sockaddr_ll from{};
    for (socklen_t size = sizeof(from);
         recvfrom(fd, frame, sizeof(frame), MSG_DONTWAIT | MSG_TRUNC, reinterpret_cast<sockaddr*>(&from), &size) > 0;
         size = sizeof(from)) {
        if (from.sll_pkttype == PACKET_OUTGOING) continue;
        in6_addr own{};
        inet_pton(AF_INET6, "fd00::1", &own);
        const bool arp =
            from.sll_protocol == htons(ETH_P_ARP) && frame[21] == 1 && std::memcmp(&frame[38], "\x0A\0\0\1", 4) == 0;
        const bool solicitation = from.sll_protocol == htons(ETH_P_IPV6) && frame[20] == IPPROTO_ICMPV6 &&
                                  frame[54] == 135 && std::memcmp(&frame[62], &own, sizeof(own)) == 0;
        count += static_cast<int>(arp || solicitation);
    }
    return count;
}

int listen_to(const char* interface) {
    const int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface));
    const int all = 1;
    if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &all, sizeof(all)) != 0) {
        std::perror("witness: interface");
        std::exit(1);
    }
    return fd;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4) set_server(argv[2]);
    if (server_size == 0) {
        std::fputs("witness INTERFACE ADDRESS ROUNDS\n", stderr);
        return 2;
    }
    const int frames = listen_to(argv[1]), old = connected();
    if (old < 0) {
        std::fputs("witness: no connection\n", stderr);
        return 1;
    }
    std::puts("connected");
    std::fflush(stdout);
    int kept = 0, made = 0, asked = 0, late = 0;
    for (int round = std::atoi(argv[3]); round > 0; --round) {
        kept += static_cast<int>(echoes(old, late));
        const int fd = connected();
        int none = 0;
        made += static_cast<int>(echoes(fd, none));
        if (fd >= 0) close(fd);
        asked += count_questions(frames);
        usleep(pause_us);
    }
    std::printf("old %d new %d asked %d\n", kept, made, asked);
    return 0;
}
