// SPDX-License-Identifier: Apache-2.0
// Writing the text of a guest's console to a descriptor whose reader may be slow.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "hv/core/event_loop.h"
#include "hv/devices/port_sink.h"

namespace hv {

/// Never blocks the loop, though the descriptor stays blocking, because other processes share it. Text that a slow
/// reader does not take waits in a bounded backlog.
class ConsoleOutput final : public PortSink {
public:
    /// `fd` is not owned. `loop` outlives this.
    ConsoleOutput(int fd, EventLoop& loop) : fd_(fd), loop_(loop) {}
    ~ConsoleOutput();
    ConsoleOutput(const ConsoleOutput&) = delete;
    ConsoleOutput& operator=(const ConsoleOutput&) = delete;

    /// Writes text that cannot wait elsewhere; drops and counts the part that exceeds the backlog.
    void write(std::string_view text) override;

    /// Whether there is a backlog. Callers that can wait then do so until `when_drained` is called.
    [[nodiscard]] bool congested() const override { return !backlog_.empty(); }
    void when_drained(std::function<void()> handler) { drained_ = std::move(handler); }

    /// Writes the backlog, and waits for the reader for at most one second. For the end of a machine.
    void flush();

private:
    /// Writes what it can without blocking. Returns the number of bytes.
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
