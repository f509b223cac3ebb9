// SPDX-License-Identifier: Apache-2.0
// Requests over a Unix socket.
#include "hv/api/http_client.h"

#include <fmt/format.h>
#include <http_parser.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "hv/core/file_descriptor.h"

namespace hv {

namespace {

constexpr std::size_t answer_limit = 4 << 20;

std::unexpected<Error> cannot(const std::string& socket_path, const char* why) {
    const ErrorKind kind = errno == ENOENT || errno == ECONNREFUSED ? ErrorKind::not_found
                           : errno == EACCES                        ? ErrorKind::no_permission
                                                                    : ErrorKind::internal;
    return fail(kind, fmt::format("control socket '{}': {}", socket_path, why));
}

struct Answer {
    std::string body;
    bool complete = false;
};

/// The reason in an error's body, or what was asked for and the status.
std::string refusal(const std::string& request, const std::string& body, unsigned status) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (json.is_object() && json.contains("fault_message") && json["fault_message"].is_string())
        return json["fault_message"];
    return fmt::format("{}: no success (status {})", request, status);
}

}  // namespace

Result<std::string> http_get(const std::string& socket_path, const std::string& path) {
    return http_request(socket_path, "GET", path, {});
}

Result<std::string> http_request(const std::string& socket_path, const std::string& method, const std::string& path,
                                 const std::string& body) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
    const FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{.tv_sec = 5, .tv_usec = 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return cannot(socket_path, std::strerror(errno));
    const std::string request =
        fmt::format("{} {} HTTP/1.1\r\nHost: hv\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", method, path,
                    body.size(), body);
    if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
        return cannot(socket_path, std::strerror(errno));

    Answer answer;
    http_parser parser;
    http_parser_init(&parser, HTTP_RESPONSE);
    parser.data = &answer;
    http_parser_settings callbacks{};
    callbacks.on_body = [](http_parser* self, const char* text, std::size_t size) {
        static_cast<Answer*>(self->data)->body.append(text, size);
        return 0;
    };
    callbacks.on_message_complete = [](http_parser* self) {
        static_cast<Answer*>(self->data)->complete = true;
        return 0;
    };
    char buffer[8192];
    while (!answer.complete && answer.body.size() < answer_limit) {
        const ssize_t size = recv(socket.get(), buffer, sizeof buffer, 0);
        if (size < 0) return cannot(socket_path, errno == EAGAIN ? "no answer within 5 s" : std::strerror(errno));
        const auto bytes = static_cast<std::size_t>(size);
        if (http_parser_execute(&parser, &callbacks, buffer, bytes) != bytes || size == 0) break;
    }
    if (!answer.complete) {
        errno = 0;
        return cannot(socket_path, fmt::format("{} {}: no complete answer", method, path).c_str());
    }
    const unsigned status = parser.status_code;
    if (status >= 200 && status < 300) return answer.body;
    return fail(status >= 400 && status < 500 ? ErrorKind::usage : ErrorKind::internal,
                refusal(method + " " + path, answer.body, status));
    return answer.body;
}

}  // namespace hv
