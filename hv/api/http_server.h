// SPDX-License-Identifier: Apache-2.0
// An HTTP server on a Unix socket, for the few clients that ask about a machine.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>

#include "hv/api/http_request.h"
#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"

namespace hv {

struct HttpResponse {
    int status;
    std::string body;  ///< empty with 204
    const char* content_type = "application/json";
};

/// Served by the loop's thread, so a handler answers at once. Bounded in clients, in bytes and in time for each: a
/// client that does nothing is closed. A request whose client has gone before it is read is not served.
class HttpServer {
public:
    using Handler = std::function<HttpResponse(const HttpRequest&)>;

    /// `loop` outlives the server. Errors: usage (path too long for a socket), no_permission, internal.
    static Result<std::unique_ptr<HttpServer>> create(EventLoop& loop, const std::string& socket_path, Handler handler);
    /// On a socket that listens, and is non-blocking.
    static Result<std::unique_ptr<HttpServer>> create(EventLoop& loop, FileDescriptor listening, Handler handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

private:
    static constexpr std::size_t client_limit = 16;
    static constexpr std::uint64_t idle_limit_ns = 5'000'000'000;

    struct Client {
        FileDescriptor socket;
        HttpRequestParser parser;
        std::string output;
        bool closing = false;  ///< after `output` is written
        std::uint64_t timer = 0;
    };

    HttpServer(EventLoop& loop, Handler handler) : loop_(loop), handler_(std::move(handler)) {}
    void accept_clients();
    void on_client(std::list<Client>::iterator client, std::uint32_t events);
    [[nodiscard]] bool read_requests(Client& client);
    [[nodiscard]] bool write_output(Client& client);
    void restart_timer(std::list<Client>::iterator client);
    void close_client(std::list<Client>::iterator client);

    EventLoop& loop_;
    Handler handler_;
    FileDescriptor socket_;
    std::list<Client> clients_;
};

/// A response as bytes.
[[nodiscard]] std::string http_text(const HttpResponse& response, bool keep_alive);
/// The body of an error, as Firecracker has it: {"fault_message": "..."}.
[[nodiscard]] HttpResponse http_fault(int status, const std::string& message);

}  // namespace hv
