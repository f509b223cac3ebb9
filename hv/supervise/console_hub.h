// SPDX-License-Identifier: Apache-2.0
// A detached machine's console: a log, and a socket to which readers and one writer can attach at any time.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"
#include "hv/supervise/console_log.h"

namespace hv {

/// The protocol: a client sends one byte, `r` to read or `w` to write too, and is answered by one: the same, or `r` to
/// who wanted to write while somebody else does. Then come the log's last part and what the guest says from then on;
/// and what the writer sends goes to the guest.
///
/// A reader that is slow does not slow the machine: it is closed when its backlog is full. A guest that does not read
/// makes its writer wait.
class ConsoleHub {
public:
    static constexpr std::size_t client_limit = 16;
    static constexpr std::size_t scrollback = 64 * 1024;
    static constexpr std::size_t backlog_limit = 4 * scrollback;

    /// `log` and `loop` outlive the hub. Errors: usage (the path is too long), no_permission.
    static Result<std::unique_ptr<ConsoleHub>> create(EventLoop& loop, ConsoleLog& log, const std::string& socket_path);
    ~ConsoleHub();
    ConsoleHub(const ConsoleHub&) = delete;
    ConsoleHub& operator=(const ConsoleHub&) = delete;

    /// Text of the guest's console, or of hv: to the log and to all who listen.
    void write(std::string_view text);
    /// Where the writer's text goes from now on, a non-blocking pipe that is not owned; -1: nowhere.
    void set_guest_input(int fd);

private:
    struct Client {
        FileDescriptor socket;
        std::string backlog;
        bool greeted = false;
        bool writer = false;
        bool holding = false;  ///< its text waits in the socket, because the guest does not read
    };
    using Iterator = std::list<Client>::iterator;

    ConsoleHub(EventLoop& loop, ConsoleLog& log) : loop_(loop), log_(log) {}
    void accept_clients();
    void on_client(Iterator client, std::uint32_t events);
    [[nodiscard]] bool greet(Client& client);
    [[nodiscard]] bool take_text(Client& client);
    [[nodiscard]] bool send_some(Client& client);
    void update(Client& client);
    void close_client(Iterator client);
    void write_to_guest();

    EventLoop& loop_;
    ConsoleLog& log_;
    FileDescriptor socket_;
    std::list<Client> clients_;
    int guest_input_ = -1;
    std::string to_guest_;  ///< not taken by the guest yet; at most one read's worth
    bool watching_guest_ = false;
};

}  // namespace hv
