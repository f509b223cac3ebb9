// SPDX-License-Identifier: Apache-2.0
// A small HTTP server.
#include "tests/bench/load/server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace load {

namespace {

int listen_on_port_80() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(80);
    if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
        listen(listener, 64) != 0) {
        std::puts("load: cannot listen on port 80");
        std::exit(1);
    }
    return listener;
}

/// Reads at most some 1 KiB: only the request's first line matters.
std::string read_request(int connection) {
    std::string text;
    char buffer[512];
    while (text.find("\r\n\r\n") == std::string::npos && text.size() < 1024) {
        const ssize_t size = recv(connection, buffer, sizeof(buffer), 0);
        if (size <= 0) return {};
        text.append(buffer, static_cast<std::size_t>(size));
    }
    return text;
}

void answer_one(int connection, const std::function<std::string(std::uint64_t)>& answer) {
    const std::string request = read_request(connection);
    constexpr char start[] = "GET /";
    std::string body;
    if (request.compare(0, sizeof(start) - 1, start) == 0)
        body = answer(std::strtoull(request.c_str() + sizeof(start) - 1, nullptr, 10));
    const std::string head = std::string(body.empty() ? "HTTP/1.1 404 Not Found" : "HTTP/1.1 200 OK") +
                             "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    const std::string all = head + body;
    for (std::size_t sent = 0; sent < all.size();) {
        const ssize_t size = send(connection, all.data() + sent, all.size() - sent, 0);
        if (size <= 0) return;
        sent += static_cast<std::size_t>(size);
    }
}

}  // namespace

void serve(const std::function<std::string(std::uint64_t)>& answer) {
    const int listener = listen_on_port_80();
    tenon::ready();
    for (;;) {
        const int connection = accept(listener, nullptr, nullptr);
        if (connection < 0) continue;
        const timeval limit{.tv_sec = 5, .tv_usec = 0};
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
        answer_one(connection, answer);
        close(connection);
    }
}

}  // namespace load
