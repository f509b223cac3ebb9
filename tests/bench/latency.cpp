// SPDX-License-Identifier: Apache-2.0
// Asks HTTP servers in turn, at a steady pace, and tells how long answers took: latency SECONDS RATE ADDRESS...
// Output: answers, failures, then p50, p99 and the worst in ms.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

/// The whole answer begins with HTTP/1.1 200; false on anything else, or after 10 s.
bool ask(const char* address, unsigned long number) {
    const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{.tv_sec = 10, .tv_usec = 0};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(80);
    inet_pton(AF_INET, address, &server.sin_addr);
    std::string answer;
    if (::connect(connection, reinterpret_cast<sockaddr*>(&server), sizeof server) == 0) {
        const std::string request = "GET /" + (number == 0 ? std::string() : std::to_string(number)) +
                                    " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        char buffer[4096];
        if (send(connection, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()))
            for (ssize_t size; (size = recv(connection, buffer, sizeof buffer, 0)) > 0;)
                answer.append(buffer, static_cast<std::size_t>(size));
    } else
        std::fprintf(stderr, "connect: %s\n", std::strerror(errno));
    close(connection);
    if (!answer.starts_with("HTTP/1.1 200")) std::fprintf(stderr, "answered '%.40s'\n", answer.c_str());
    return answer.starts_with("HTTP/1.1 200");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) return 2;
    const auto end = Clock::now() + std::chrono::seconds(std::atol(argv[1]));
    const auto pace = std::chrono::nanoseconds(1'000'000'000 / std::max(1L, std::atol(argv[2])));
    // "ADDRESS" is asked for /, "ADDRESS#" for numbers.
    std::vector<double> times;
    unsigned long failures = 0, number = 1;
    auto next = Clock::now();
    for (int server = 0; Clock::now() < end; server = (server + 1) % (argc - 3)) {
        std::string address = argv[3 + server];
        const bool numbered = address.ends_with('#');
        if (numbered) address.pop_back();
        number = number * 6'364'136'223'846'793'005UL + 1'442'695'040'888'963'407UL;
        const auto begin = Clock::now();
        if (ask(address.c_str(), numbered ? (number >> 33) | 1 : 0))
            times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        else {
            ++failures;
            std::fprintf(stderr, "no answer from %s after %.1f s\n", address.c_str(),
                         std::chrono::duration<double>(Clock::now() - begin).count());
        }
        next = std::max(next + pace, Clock::now());
        std::this_thread::sleep_until(next);
    }
    if (times.empty()) return 1;
    std::ranges::sort(times);
    std::printf("%zu %lu %.2f %.2f %.2f\n", times.size(), failures, times[times.size() / 2],
                times[times.size() * 99 / 100], times.back());
    return 0;
}
