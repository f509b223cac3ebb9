// SPDX-License-Identifier: Apache-2.0
// The console's socket.
#include "hv/supervise/console_hub.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "hv/core/host_clock.h"
#include "hv/core/unix_socket.h"

namespace hv {

Result<std::unique_ptr<ConsoleHub>> ConsoleHub::create(EventLoop& loop, ConsoleLog& log,
                                                       const std::string& socket_path) {
    std::unique_ptr<ConsoleHub> hub(new ConsoleHub(loop, log));
    TRY(hub->socket_, listen_on_unix_socket(socket_path));
    CHECK(loop.watch(hub->socket_.get(), EPOLLIN, [raw = hub.get()](std::uint32_t) { raw->accept_clients(); }));
    return hub;
}

ConsoleHub::~ConsoleHub() {
    set_guest_input(-1);
    // Last words: as much as their sockets take.
    for (Client& client : clients_) static_cast<void>(send_some(client));
    while (!clients_.empty()) close_client(clients_.begin());
    loop_.unwatch(socket_.get());
}

void ConsoleHub::accept_clients() {
    for (;;) {
        FileDescriptor socket(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) return;
        if (clients_.size() >= client_limit) continue;  // closed at once
        const int fd = socket.get();
        const auto client = clients_.emplace(clients_.end());
        client->socket = std::move(socket);
        if (!loop_.watch(fd, EPOLLIN, [this, client](std::uint32_t events) { on_client(client, events); }))
            clients_.erase(client);
    }
}

void ConsoleHub::on_client(Iterator client, std::uint32_t events) {
    bool alive = true;
    if ((events & EPOLLOUT) != 0) alive = send_some(*client);
    if (alive && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        alive = client->greeted ? take_text(*client) : greet(*client);
    if (!alive) return close_client(client);
    update(*client);
}

bool ConsoleHub::greet(Client& client) {
    char wish = 0;
    const ssize_t size = recv(client.socket.get(), &wish, 1, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (size != 1 || (wish != 'r' && wish != 'w')) return false;
    client.writer = wish == 'w' && std::ranges::none_of(clients_, &Client::writer);
    client.greeted = true;
    client.backlog = (client.writer ? "w" : "r") + log_.tail(scrollback);
    return send_some(client);
}

bool ConsoleHub::take_text(Client& client) {
    std::array<char, 4096> buffer;
    // The guest has not taken what came before: it waits in the writer's socket.
    if (client.writer && !to_guest_.empty()) {
        client.holding = true;
        return true;
    }
    const ssize_t size = recv(client.socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    // Between two lives of the machine there is nobody to read it.
    if (!client.writer || guest_input_ < 0) return true;
    to_guest_.assign(buffer.data(), static_cast<std::size_t>(size));
    write_to_guest();
    return true;
}

void ConsoleHub::write_to_guest() {
    const ssize_t written = ::write(guest_input_, to_guest_.data(), to_guest_.size());
    if (written > 0) to_guest_.erase(0, static_cast<std::size_t>(written));
    if (written < 0 && errno != EAGAIN && errno != EINTR) to_guest_.clear();
    const bool wanted = !to_guest_.empty();
    if (wanted && !watching_guest_)
        watching_guest_ = loop_.watch(guest_input_, EPOLLOUT, [this](std::uint32_t) { write_to_guest(); }).has_value();
    if (wanted) return;
    if (watching_guest_) loop_.unwatch(guest_input_);
    watching_guest_ = false;
    for (Client& client : clients_) {
        client.holding = false;
        update(client);
    }
}

void ConsoleHub::set_guest_input(int fd) {
    if (watching_guest_) loop_.unwatch(guest_input_);
    watching_guest_ = false;
    to_guest_.clear();
    guest_input_ = fd;
    for (Client& client : clients_) {
        client.holding = false;
        update(client);
    }
}

bool ConsoleHub::send_some(Client& client) {
    if (client.backlog.empty()) return true;
    const ssize_t sent = send(client.socket.get(), client.backlog.data(), client.backlog.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    client.backlog.erase(0, static_cast<std::size_t>(sent));
    return true;
}

void ConsoleHub::update(Client& client) {
    loop_.change(client.socket.get(), (client.holding ? 0U : EPOLLIN) | (client.backlog.empty() ? 0U : EPOLLOUT));
}

void ConsoleHub::write(std::string_view text) {
    log_.append(text, host_realtime_ms());
    for (auto client = clients_.begin(); client != clients_.end();) {
        const auto next = std::next(client);
        if (client->greeted) {
            client->backlog += text;
            const bool alive = send_some(*client) && client->backlog.size() <= backlog_limit;
            if (alive)
                update(*client);
            else
                close_client(client);
        }
        client = next;
    }
}

void ConsoleHub::close_client(Iterator client) {
    loop_.unwatch(client->socket.get());
    clients_.erase(client);
}

}  // namespace hv
