// SPDX-License-Identifier: Apache-2.0
// A web server for static files: one thread for each connection, blocking sockets. The same source runs on Linux.
//   httpd [PORT [ROOT]]
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <thread>

#include "request.h"
#include "site.h"
#include "stats.h"

namespace {

constexpr int largest_number_of_connections = 1000;
constexpr int idle_timeout_seconds = 60;

std::atomic<std::uint64_t> requests_served = 0;
std::atomic<int> connections = 0;

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), 0);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

constexpr char text_type[] = "text/plain; charset=utf-8";
constexpr char close_field[] = "Connection: close\r\n";

/// A method that is not served: one of HTTP's is not allowed, any other is not known (RFC 9110, sections 9.1 and
/// 15.6.2).
std::string refusal(const httpd::Request& request) {
    static constexpr std::string_view known[] = {"POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    std::string fields = request.keep_alive ? "" : close_field;
    if (std::ranges::find(known, request.method) == std::end(known))
        return httpd::make_response("501 Not Implemented", text_type, "Not a method that is known here\n", fields);
    return httpd::make_response("405 Method Not Allowed", text_type, "Only GET and HEAD are served\n",
                                fields + "Allow: GET, HEAD\r\n");
}

/// False: the connection is of no further use.
bool answer(int socket, httpd::Site& site, const httpd::Request& request) {
    const std::uint64_t served = requests_served.fetch_add(1, std::memory_order_relaxed) + 1;
    const bool head_only = request.method == "HEAD";
    std::string made;
    std::string_view response;
    if (!head_only && request.method != "GET")
        response = made = refusal(request);
    else if (request.path == "/stats")
        response = made = httpd::make_response("200 OK", "application/json", httpd::stats_json(served),
                                               "Cache-Control: no-store\r\n");
    else
        response = site.response(request.path);
    return send_all(socket, head_only ? httpd::head_of(response) : response) && request.keep_alive;
}

/// Closing with unread data would reset the connection before the client has the answer: so the client closes first.
void end_politely(int socket) {
    char unread[4096];
    constexpr int most_pieces = 64;
    shutdown(socket, SHUT_WR);
    for (int i = 0; i != most_pieces && recv(socket, unread, sizeof(unread), 0) > 0; ++i) {
    }
}

void serve_requests(int socket, httpd::Site& site) {
    char buffer[httpd::largest_request];
    std::size_t have = 0;
    for (;;) {
        const httpd::ParseResult result = httpd::parse_request({buffer, have});
        if (result.request) {
            const std::size_t size = result.request->size;
            if (!answer(socket, site, *result.request)) return result.request->has_body ? end_politely(socket) : void();
            have -= size;
            std::memmove(buffer, buffer + size, have);
            continue;
        }
        if (result.error == httpd::ParseError::malformed) {
            send_all(socket, httpd::make_response("400 Bad Request", text_type, "Bad request\n", close_field));
            return end_politely(socket);
        }
        const ssize_t count = recv(socket, buffer + have, sizeof(buffer) - have, 0);
        if (count <= 0) return;
        have += static_cast<std::size_t>(count);
    }
}

void serve_connection(int socket, httpd::Site& site) {
    serve_requests(socket, site);
    close(socket);
    connections.fetch_sub(1);
}

int listen_on(std::uint16_t port) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0) return -1;
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return -1;
    if (listen(listener, 128) != 0) return -1;
    return listener;
}

}  // namespace

int main(int argc, char** argv) {
    const long port = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 80;
    if (port < 1 || port > 65535) {
        std::fprintf(stderr, "httpd: port '%s' is not between 1 and 65535\n", argv[1]);
        return 2;
    }
    httpd::Site site(argc > 2 ? argv[2] : "");
    const int listener = listen_on(static_cast<std::uint16_t>(port));
    if (listener < 0) {
        std::fprintf(stderr, "httpd: port %ld: %s\n", port, std::strerror(errno));
        return 1;
    }
    httpd::announce_ready();
    for (;;) {
        const int socket = accept(listener, nullptr, nullptr);
        if (socket < 0) {
            // Out of sockets or memory: those that are open will end.
            usleep(10'000);
            continue;
        }
        const int on = 1;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        const timeval timeout{.tv_sec = idle_timeout_seconds, .tv_usec = 0};
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
        if (connections.fetch_add(1) >= largest_number_of_connections) {
            connections.fetch_sub(1);
            close(socket);
            continue;
        }
        try {
            std::thread(serve_connection, socket, std::ref(site)).detach();
        } catch (const std::system_error&) {
            // No memory for another stack: this client may try again, the others are served.
            connections.fetch_sub(1);
            close(socket);
        }
    }
}
