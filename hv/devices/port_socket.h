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

/// Further clients wait in the socket's queue until the first one leaves. Nothing blocks: what a slow client does not
/// take waits in a backlog, and what nobody is there to take is dropped, as on a cable without a far end.
class PortSocket final : public PortSink {
public:
    /// All on the loop's thread.
    struct Handlers {
        std::function<void()> client_changed;  ///< one came or left
        std::function<void()> input;           ///< there may be something to read
        std::function<void()> drained;         ///< no longer congested
    };

    /// A socket without a name yet, so that hv can confine itself before anybody needs it. `loop` outlives it.
    static Result<std::unique_ptr<PortSocket>> create(EventLoop& loop, std::string path);
    ~PortSocket();
    PortSocket(const PortSocket&) = delete;
    PortSocket& operator=(const PortSocket&) = delete;

    void handle(Handlers handlers) { handlers_ = std::move(handlers); }
    /// The socket appears at its path, and takes clients from now on. A second call does nothing. Failure is logged:
    /// the machine goes on without it.
    void open();

    /// Takes a socket of hv's own as its client. False: there is one, or the port has not been opened.
    [[nodiscard]] bool adopt(FileDescriptor socket);
    /// The client that was adopted leaves.
    void release();

    [[nodiscard]] bool has_client() const { return static_cast<bool>(client_); }
    /// Whether `input` is to be called.
    void want_input(bool wanted);
    /// Bytes read into `space`; 0: there are none now, or the client has left.
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
    bool input_ended_ = false;  ///< the client has shut its direction, and may still listen
    std::string backlog_;
};

}  // namespace hv
