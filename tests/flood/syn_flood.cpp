// SPDX-License-Identifier: Apache-2.0
// syn_flood ADDRESS PORT COUNT [EVERY_US]: sends COUNT connection requests (TCP SYN over IPv4) from unused addresses,
// one every EVERY_US microseconds. Needs CAP_NET_RAW; run in a network namespace of the test's own.
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

namespace {

struct Request {
    iphdr ip;
    tcphdr tcp;
};

/// RFC 1071, over words in network order; `sum` is that of the bytes before.
std::uint16_t checksum(const void* bytes, std::size_t size, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i + 1 < size; i += 2) {
        std::uint16_t word = 0;
        std::memcpy(&word, static_cast<const char*>(bytes) + i, sizeof word);
        sum += word;
    }
    while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

Request make_request(std::uint32_t from, std::uint16_t from_port, const sockaddr_in& to, std::uint32_t sequence) {
    Request request{};
    request.ip.version = 4;
    request.ip.ihl = sizeof request.ip / 4;
    request.ip.tot_len = htons(sizeof request);
    request.ip.ttl = 64;
    request.ip.protocol = IPPROTO_TCP;
    request.ip.saddr = from;
    request.ip.daddr = to.sin_addr.s_addr;
    request.ip.check = checksum(&request.ip, sizeof request.ip);
    request.tcp.source = htons(from_port);
    request.tcp.dest = to.sin_port;
    request.tcp.seq = sequence;
    request.tcp.doff = sizeof request.tcp / 4;
    request.tcp.syn = 1;
    request.tcp.window = htons(65535);
    const struct {
        std::uint32_t from, to;
        std::uint16_t protocol, size;
    } pseudo{from, request.ip.daddr, htons(IPPROTO_TCP), htons(sizeof request.tcp)};
    const std::uint16_t begun = ~checksum(&pseudo, sizeof pseudo);
    request.tcp.check = checksum(&request.tcp, sizeof request.tcp, begun);
    return request;
}

}  // namespace

int main(int argc, char** argv) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    if (argc < 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
        std::fprintf(stderr, "syn_flood ADDRESS PORT COUNT [EVERY_US]\n");
        return 2;
    }
    to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[2])));
    const long count = std::atol(argv[3]), every_us = argc > 4 ? std::atol(argv[4]) : 0;
    const int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    if (raw < 0) {
        std::perror("syn_flood: raw socket");
        return 1;
    }
    std::minstd_rand random(1);
    for (long i = 0; i < count; ++i) {
        // 198.18.0.0/15 is for benchmarks (RFC 2544): no host has it.
        const std::uint32_t from = htonl(0xC612'0000U | (random() & 0x1FFFF));
        const Request request = make_request(from, static_cast<std::uint16_t>(1024 + random() % 60'000), to,
                                             static_cast<std::uint32_t>(random()));
        if (sendto(raw, &request, sizeof request, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0) {
            std::perror("syn_flood: send");
            return 1;
        }
        if (every_us > 0) usleep(static_cast<useconds_t>(every_us));
    }
    std::printf("%ld requests\n", count);
    return 0;
}
