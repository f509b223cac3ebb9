// SPDX-License-Identifier: Apache-2.0
// Text to a descriptor whose reader may be slow, or stand still.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "hv/core/counters.h"
#include "hv/core/event_loop.h"
#include "hv/core/nonblocking_output.h"

namespace hv {

/// Never blocks the loop: what the reader does not take waits in a bounded backlog.
class StreamOutput {
public:
    static constexpr std::size_t backlog_limit = 256 * 1024;

    /// `fd` is not owned; `loop` and the counters outlive this: bytes that were written, and bytes that never will be.
    StreamOutput(int fd, EventLoop& loop, Counter& written, Counter& dropped)
        : output_(fd), loop_(loop), written_(written), dropped_(dropped) {}
    ~StreamOutput();
    StreamOutput(const StreamOutput&) = delete;
    StreamOutput& operator=(const StreamOutput&) = delete;

    /// Text beyond the backlog is dropped and counted.
    void write(std::string_view text);
    /// Bytes that are not dropped, whatever the reader does.
    [[nodiscard]] std::size_t room() const { return backlog_limit - backlog_.size(); }
    /// Whether there is a backlog: who can wait, does, until `when_drained` is called.
    [[nodiscard]] bool congested() const { return !backlog_.empty(); }
    void when_drained(std::function<void()> handler) { drained_ = std::move(handler); }
    /// The errno of the last write that failed; 0: none did.
    [[nodiscard]] int failure() const { return failure_; }

    /// For the end: writes the backlog out, and waits for a reader as long as it takes some of it every second, ten
    /// seconds at most. The rest is dropped.
    void flush();

private:
    /// Bytes that are done with.
    std::size_t write_some(std::string_view text);
    void on_writable();
    void watch();

    NonblockingOutput output_;
    EventLoop& loop_;
    Counter& written_;
    Counter& dropped_;
    bool watching_ = false;
    int failure_ = 0;
    std::string backlog_;
    std::function<void()> drained_;
};

}  // namespace hv
