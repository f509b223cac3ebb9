// SPDX-License-Identifier: Apache-2.0
// Where the text of a guest's console goes: a descriptor whose reader may be slow.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "hv/core/event_loop.h"
#include "hv/devices/port_sink.h"

namespace hv {

/// Never blocks the loop, without making the descriptor (which others share) non-blocking: what a slow reader does not
/// take waits in a bounded backlog.
class ConsoleOutput final : public PortSink {
public:
    /// `fd` is not owned. `loop` outlives this.
    ConsoleOutput(int fd, EventLoop& loop) : fd_(fd), loop_(loop) {}
    ~ConsoleOutput();
    ConsoleOutput(const ConsoleOutput&) = delete;
    ConsoleOutput& operator=(const ConsoleOutput&) = delete;

    /// Text that cannot wait elsewhere. What exceeds the backlog is dropped and counted.
    void write(std::string_view text) override;

    /// Whether there is a backlog: who can wait, does, until `when_drained` is called.
    [[nodiscard]] bool congested() const override { return !backlog_.empty(); }
    void when_drained(std::function<void()> handler) { drained_ = std::move(handler); }

    /// Writes the backlog out, waiting for the reader for at most a second. For the end of a machine.
    void flush();

private:
    /// Bytes that went out at once.
    std::size_t write_some(std::string_view text);
    void on_writable();
    void watch();

    int fd_;
    EventLoop& loop_;
    bool watching_ = false;
    std::string backlog_;
    std::function<void()> drained_;
};

}  // namespace hv
