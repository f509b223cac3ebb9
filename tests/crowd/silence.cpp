// SPDX-License-Identifier: Apache-2.0
// Connections whose peer falls silent: time limits of tcp(7), whose ends the test compares.
#include "silence.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <thread>

namespace {

sockaddr_in target(const char* address) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(85);
    inet_pton(AF_INET, address, &result.sin_addr);
    return result;
}

void set(int fd, int level, int option, int value) { setsockopt(fd, level, option, &value, sizeof(value)); }

int connected(const char* address) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in to = target(address);
    return connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0 ? fd : -1;
}

const char* error_name(int error) {
    switch (error) {
        case ETIMEDOUT: return "ETIMEDOUT";
        case EHOSTUNREACH: return "EHOSTUNREACH";
        case ECONNRESET: return "ECONNRESET";
        case ECONNREFUSED: return "ECONNREFUSED";
        default: return "another";
    }
}

/// Data that nobody acknowledges.
const char* end_by_user_timeout(int fd) {
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1500);
    while (send(fd, "x", 1, MSG_NOSIGNAL) > 0) usleep(20'000);
    return error_name(errno);
}

/// Nothing to send: only the keep-alive asks.
const char* end_by_keep_alive(int fd) {
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
    char byte;
    return read(fd, &byte, 1) < 0 ? error_name(errno) : "none";
}

const char* attempt(const char* address, int requests) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    set(fd, IPPROTO_TCP, TCP_SYNCNT, requests);
    const sockaddr_in to = target(address);
    return connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0 ? "none" : error_name(errno);
}

}  // namespace

int await_silence(const char* address) {
    const int sending = connected(address), silent = connected(address);
    if (sending < 0 || silent < 0) return 1;
    std::puts("connected");
    std::getchar();
    const char* ends[4] = {};
    std::thread threads[] = {
        std::thread([&] { ends[0] = end_by_user_timeout(sending); }),
        std::thread([&] { ends[1] = end_by_keep_alive(silent); }),
        std::thread([&] { ends[2] = attempt(address, 1); }),
        // No machine of the network has this address: its neighbour is asked in vain.
        std::thread([&] { ends[3] = attempt("10.0.0.99", 6); }),
    };
    for (std::thread& thread : threads) thread.join();
    std::printf("user timeout %s, keep-alive %s, requests %s, neighbour %s\n", ends[0], ends[1], ends[2], ends[3]);
    return 0;
}
