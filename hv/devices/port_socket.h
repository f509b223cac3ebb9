// SPDX-License-Identifier: Apache-2.0
// The host's end of a console port: a Unix socket with one client at a time.
#pragma once

#include <sys/uio.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"
#include "hv/devices/port_sink.h"

namespace hv {

/// Further clients wait in the socket's queue until the first one leaves. Nothing blocks: bytes that a slow client does
/// not take wait in a backlog. Without a client they are dropped, as on a cable without a far end.
class PortSocket final : public PortSink {
public:
    /// Called on the loop's thread.
    struct Handlers {
        std::function<void()> client_changed;  ///< a client came or left
        std::function<void()> input;           ///< there may be bytes to read
        std::function<void()> drained;         ///< no longer congested
    };

    /// Creates the socket without a name, so that hv can confine itself before the socket is needed. `loop` outlives
    /// it.
    static Result<std::unique_ptr<PortSocket>> create(EventLoop& loop, std::string path);
    ~PortSocket();
    PortSocket(const PortSocket&) = delete;
    PortSocket& operator=(const PortSocket&) = delete;

    void handle(Handlers handlers) { handlers_ = std::move(handlers); }
    /// Binds the socket to its path and accepts clients from now on. A second call does nothing. Failure is logged, and
    /// the machine continues without the socket.
    void open();

    /// Connects a socket of hv's own as the client. False: there is a client, or open() has not been called.
    [[nodiscard]] bool adopt(FileDescriptor socket);
    /// Disconnects the client that adopt() connected.
    void release();

    [[nodiscard]] bool has_client() const { return static_cast<bool>(client_); }
    /// Turns calls of `input` on and off.
    void want_input(bool wanted);
    /// Reads bytes into `space`. Returns 0 where there are none now, or the client has left.
    [[nodiscard]] std::size_t read(const iovec& space);

    void write(std::string_view text) override;
    [[nodiscard]] bool congested() const override { return !backlog_.empty(); }

private:
    explicit PortSocket(EventLoop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}
    void accept_client();
    [[nodiscard]] bool take_client(FileDescriptor socket);
    void on_client(std::uint32_t events);
    void drop_client();
    [[nodiscard]] std::size_t send_some(std::string_view text);
    void watch_client();

    EventLoop& loop_;
    std::string path_;
    Handlers handlers_;
    FileDescriptor listener_;
    FileDescriptor client_;
    bool open_ = false;
    bool told_ = false;     ///< that the socket cannot be opened
    bool adopted_ = false;  ///< the client is one of hv's own
    bool input_wanted_ = false;
    bool input_ended_ = false;  ///< the client has shut down its sending side, and may still read
    std::string backlog_;
};

}  // namespace hv
