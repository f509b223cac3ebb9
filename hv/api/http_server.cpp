// SPDX-License-Identifier: Apache-2.0
// The control socket's server.
#include "hv/api/http_server.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "hv/core/unix_socket.h"

namespace hv {

Result<std::unique_ptr<HttpServer>> HttpServer::create(EventLoop& loop, const std::string& socket_path,
                                                       Handler handler) {
    TRY(FileDescriptor listening, listen_on_unix_socket(socket_path));
    return create(loop, std::move(listening), std::move(handler));
}

Result<std::unique_ptr<HttpServer>> HttpServer::create(EventLoop& loop, FileDescriptor listening, Handler handler) {
    std::unique_ptr<HttpServer> server(new HttpServer(loop, std::move(handler)));
    server->socket_ = std::move(listening);
    const int fd = server->socket_.get();
    CHECK(loop.watch(fd, EPOLLIN, [raw = server.get()](std::uint32_t) { raw->accept_clients(); }));
    return server;
}

HttpServer::~HttpServer() {
    while (!clients_.empty()) close_client(clients_.begin());
    if (socket_) loop_.unwatch(socket_.get());
}

void HttpServer::accept_clients() {
    while (clients_.size() < client_limit) {
        FileDescriptor socket(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) return;
        const int fd = socket.get();
        const auto client = clients_.emplace(clients_.end());
        client->socket = std::move(socket);
        const auto watched =
            loop_.watch(fd, EPOLLIN, [this, client](std::uint32_t events) { on_client(client, events); });
        if (watched)
            restart_timer(client);
        else
            clients_.erase(client);
    }
    // The others wait in the socket's queue until one leaves.
    loop_.change(socket_.get(), 0);
}

void HttpServer::restart_timer(std::list<Client>::iterator client) {
    if (client->timer != 0) loop_.cancel(client->timer);
    client->timer = loop_.after(idle_limit_ns, [this, client] {
        client->timer = 0;
        close_client(client);
    });
}

void HttpServer::close_client(std::list<Client>::iterator client) {
    if (client->timer != 0) loop_.cancel(client->timer);
    loop_.unwatch(client->socket.get());
    clients_.erase(client);
    loop_.change(socket_.get(), EPOLLIN);
}

void HttpServer::on_client(std::list<Client>::iterator client, std::uint32_t events) {
    // Who has gone has taken a late answer for a failure: what it asked for is not done. A client that has only ended
    // its requests, and waits for the answers, is no EPOLLHUP.
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) return close_client(client);
    const bool readable = (events & EPOLLIN) != 0;
    // While an answer is not taken, nothing more is read: a client that asks without listening fills no memory.
    bool open = client->output.empty() && readable ? read_requests(*client) : true;
    open = open && write_output(*client);
    if (!open || (client->closing && client->output.empty())) return close_client(client);
    loop_.change(client->socket.get(), client->output.empty() ? EPOLLIN : EPOLLOUT);
}

/// False: the connection is over.
bool HttpServer::read_requests(Client& client) {
    char buffer[4096];
    const ssize_t size = recv(client.socket.get(), buffer, sizeof buffer, 0);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    std::vector<HttpRequest> requests;
    const int refused = client.parser.feed({buffer, static_cast<std::size_t>(size)}, requests);
    for (const HttpRequest& request : requests) {
        client.output += http_text(handler_(request), request.keep_alive);
        client.closing = client.closing || !request.keep_alive;
    }
    if (refused != 0) {
        client.output += http_text(http_fault(refused, "the request is malformed or too large"), false);
        client.closing = true;
    }
    return true;
}

/// False: the connection is over.
bool HttpServer::write_output(Client& client) {
    while (!client.output.empty()) {
        const ssize_t size = send(client.socket.get(), client.output.data(), client.output.size(), MSG_NOSIGNAL);
        if (size < 0) return errno == EAGAIN || errno == EINTR;
        client.output.erase(0, static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace hv
