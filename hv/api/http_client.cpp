// SPDX-License-Identifier: Apache-2.0
// Requests over a Unix socket.
#include "hv/api/http_client.h"

#include <fmt/format.h>
#include <http_parser.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "hv/core/file_descriptor.h"
#include "hv/core/json_text.h"

namespace hv {

namespace {

constexpr std::size_t answer_limit = 4 << 20;
using Clock = std::chrono::steady_clock;

struct HttpAnswer {
    int status;
    std::string body;
};

std::unexpected<Error> cannot(const std::string& socket_path, int error, const std::string& why) {
    const ErrorKind kind = error == ENOENT || error == ECONNREFUSED ? ErrorKind::not_found
                           : error == EACCES                        ? ErrorKind::no_permission
                           : error == ETIMEDOUT                     ? ErrorKind::killed
                                                                    : ErrorKind::internal;
    return fail(kind, fmt::format("control socket '{}': {}", socket_path, why));
}
std::unexpected<Error> cannot(const std::string& socket_path) {
    const int error = errno;
    return cannot(socket_path, error, std::strerror(error));
}

/// One request under way: sent when it is made, so that several servers can work on theirs meanwhile.
class Exchange {
public:
    static Result<Exchange> begin(const std::string& socket_path, const std::string& request) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (socket_path.size() >= sizeof address.sun_path) return cannot(socket_path, ENOENT, "the path is too long");
        socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
        // Never waits for a server whose queue of connections is full, or that does not read.
        FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket || connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return cannot(socket_path);
        if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
            return cannot(socket_path);
        return Exchange(socket_path, std::move(socket));
    }

    Result<HttpAnswer> finish(Clock::time_point deadline) {
        State state;
        http_parser parser;
        http_parser_init(&parser, HTTP_RESPONSE);
        parser.data = &state;
        http_parser_settings callbacks{};
        callbacks.on_body = [](http_parser* self, const char* text, std::size_t size) {
            static_cast<State*>(self->data)->body.append(text, size);
            return 0;
        };
        callbacks.on_message_complete = [](http_parser* self) {
            static_cast<State*>(self->data)->complete = true;
            return 0;
        };
        char buffer[8192];
        while (!state.complete && state.body.size() < answer_limit) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
            pollfd poller{.fd = socket_.get(), .events = POLLIN, .revents = 0};
            if (poll(&poller, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) <= 0)
                return cannot(path_, ETIMEDOUT, "no answer in time");
            const ssize_t size = recv(socket_.get(), buffer, sizeof buffer, 0);
            if (size < 0) return cannot(path_);
            const auto bytes = static_cast<std::size_t>(size);
            if (http_parser_execute(&parser, &callbacks, buffer, bytes) != bytes || size == 0) break;
        }
        if (!state.complete) return cannot(path_, 0, "the answer is not HTTP, or not complete");
        return HttpAnswer{static_cast<int>(parser.status_code), std::move(state.body)};
    }

private:
    struct State {
        std::string body;
        bool complete = false;
    };
    Exchange(std::string path, FileDescriptor socket) : path_(std::move(path)), socket_(std::move(socket)) {}
    std::string path_;
    FileDescriptor socket_;
};

/// The reason in an error's body, or what was asked for and the status.
std::string refusal(const std::string& request, const std::string& body, unsigned status) {
    const auto json = parse_json(body).value_or(nullptr);
    if (json.is_object() && json.contains("fault_message") && json["fault_message"].is_string())
        return json["fault_message"];
    return fmt::format("{}: no success (status {})", request, status);
}

std::string request_text(const std::string& method, const std::string& path, const std::string& body) {
    return fmt::format("{} {} HTTP/1.1\r\nHost: hv\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", method, path,
                       body.size(), body);
}

Clock::time_point after(int limit_ms) { return Clock::now() + std::chrono::milliseconds(limit_ms); }

/// What a success carries; anything else as an error.
Result<std::string> body_of_success(const std::string& request, Result<HttpAnswer> answer) {
    if (!answer) return std::unexpected(std::move(answer).error());
    const int status = answer->status;
    if (status >= 200 && status < 300) return std::move(answer->body);
    return fail(status >= 400 && status < 500 ? ErrorKind::usage : ErrorKind::internal,
                refusal(request, answer->body, static_cast<unsigned>(status)));
}

}  // namespace

Result<std::string> http_request(const std::string& socket_path, const std::string& method, const std::string& path,
                                 const std::string& body, int limit_ms) {
    TRY(Exchange exchange, Exchange::begin(socket_path, request_text(method, path, body)));
    return body_of_success(method + " " + path, exchange.finish(after(limit_ms)));
}

Result<std::string> http_get(const std::string& socket_path, const std::string& path, int limit_ms) {
    return http_request(socket_path, "GET", path, {}, limit_ms);
}

std::vector<Result<std::string>> http_get_all(std::span<const std::string> socket_paths, const std::string& path,
                                              int limit_ms) {
    const Clock::time_point deadline = after(limit_ms);
    const std::string request = request_text("GET", path, {});
    std::vector<Result<Exchange>> exchanges;
    for (const std::string& socket_path : socket_paths) exchanges.push_back(Exchange::begin(socket_path, request));
    std::vector<Result<std::string>> bodies;
    for (auto& exchange : exchanges)
        bodies.push_back(exchange ? body_of_success("GET " + path, exchange->finish(deadline))
                                  : std::unexpected(exchange.error()));
    return bodies;
}

}  // namespace hv
