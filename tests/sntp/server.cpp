// SPDX-License-Identifier: Apache-2.0
// A time server that answers correctly or in one of many wrong ways: ntp_server ADDRESS=HOW...
//
// It listens on port 123 of each address, prints "ADDRESS HOW" for each question, and lives until it is killed. HOW is
// one of
//   right, right+SECONDS, right-SECONDS   an answer with the host's time, or one that is so far from it
//   silent        nothing
//   late          the right answer, after 3 s
//   short         an answer without its last byte
//   client        a question back (mode 3)
//   wrong-origin  an answer to another question; wrong-origin-then-right: and then the right one
//   stranger      the answer comes from another port
//   kiss          stratum 0, "DENY"
//   unsynchronised  leap indicator 3
//   stratum16     no stratum that exists
//   no-time       a transmit timestamp of 0
//   old           the time of 1990
//   uncertain     a root dispersion of 20 s
//   backwards     sent before it was received
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t size = 48;
using Packet = std::array<std::uint8_t, size>;

struct Listener {
    int socket;
    std::string address, how;
};

std::uint64_t ntp_time(long long offset_seconds) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    constexpr std::uint64_t seconds_before_1970 = 2'208'988'800;
    const std::uint64_t seconds =
        static_cast<std::uint64_t>(now.tv_sec) + seconds_before_1970 + static_cast<std::uint64_t>(offset_seconds);
    return seconds << 32 | (static_cast<std::uint64_t>(now.tv_nsec) << 32) / 1'000'000'000;
}

void write(Packet& packet, std::size_t place, std::uint64_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
        packet[place + i] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
}

Packet right_answer(const Packet& question, long long offset) {
    Packet packet{};
    packet[0] = 4 << 3 | 4;                      // version 4, server
    packet[1] = 2;                               // stratum
    write(packet, 4, 65536 / 100, 4);            // root delay
    write(packet, 8, 65536 / 100, 4);            // root dispersion
    std::memcpy(&packet[24], &question[40], 8);  // origin: what the asker sent
    write(packet, 32, ntp_time(offset), 8);
    write(packet, 40, ntp_time(offset), 8);
    return packet;
}

int udp_socket(const char* address, std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    inet_pton(AF_INET, address, &place.sin_addr);
    if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&place), sizeof place) != 0) {
        std::perror(address);
        std::exit(1);
    }
    return fd;
}

void answer(const Listener& listener) {
    Packet question{};
    sockaddr_in asker{};
    socklen_t length = sizeof asker;
    const ssize_t got =
        recvfrom(listener.socket, question.data(), size, 0, reinterpret_cast<sockaddr*>(&asker), &length);
    if (got != static_cast<ssize_t>(size)) return;
    std::printf("%s %s\n", listener.address.c_str(), listener.how.c_str());
    std::fflush(stdout);
    const std::string_view how = listener.how;
    const bool is_right = how.starts_with("right");
    Packet packet = right_answer(question, is_right ? std::atoll(listener.how.c_str() + 5) : 0);
    const auto send = [&](int from, std::size_t bytes = size) {
        sendto(from, packet.data(), bytes, 0, reinterpret_cast<const sockaddr*>(&asker), length);
    };
    if (how == "silent") return;
    if (how == "late") sleep(3);
    if (how == "short") return send(listener.socket, size - 1);
    if (how == "stranger") {
        const int other = udp_socket(listener.address.c_str(), 0);
        send(other);
        close(other);
        return;
    }
    if (how == "client") packet[0] = 4 << 3 | 3;
    if (how.starts_with("wrong-origin")) packet[31] ^= 1;
    if (how == "kiss") {
        packet[1] = 0;
        std::memcpy(&packet[12], "DENY", 4);
    }
    if (how == "unsynchronised") packet[0] |= 3 << 6;
    if (how == "stratum16") packet[1] = 16;
    if (how == "no-time") write(packet, 40, 0, 8);
    if (how == "old") write(packet, 32, 2'840'140'800ULL << 32, 8), write(packet, 40, 2'840'140'800ULL << 32, 8);
    if (how == "uncertain") write(packet, 8, 20 * 65536, 4);
    if (how == "backwards") write(packet, 40, ntp_time(-100), 8);
    send(listener.socket);
    if (how != "wrong-origin-then-right") return;
    packet[31] ^= 1;
    send(listener.socket);
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<Listener> listeners;
    std::vector<pollfd> waiting;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const std::size_t split = word.find('=');
        if (split == word.npos) return std::fprintf(stderr, "ntp_server ADDRESS=HOW...\n"), 1;
        const std::string address(word.substr(0, split));
        listeners.push_back({udp_socket(address.c_str(), 123), address, std::string(word.substr(split + 1))});
        waiting.push_back({.fd = listeners.back().socket, .events = POLLIN, .revents = 0});
    }
    std::printf("ready\n");
    std::fflush(stdout);
    while (poll(waiting.data(), waiting.size(), -1) > 0)
        for (std::size_t i = 0; i < waiting.size(); ++i)
            if (waiting[i].revents != 0) answer(listeners[i]);
}
