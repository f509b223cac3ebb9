// SPDX-License-Identifier: Apache-2.0
// The messages of a process with a loop, to a standard error that may stand still.
#pragma once

#include <string_view>

#include "hv/core/stream_output.h"

namespace hv {

/// As long as it lives, messages (log.h) go through it. Lines for which there is no room are left out; when the reader
/// goes on, it hears how many. One at a time.
class LogOutput {
public:
    /// `fd` is not owned. `loop` outlives this. To be made before hv confines itself.
    LogOutput(int fd, EventLoop& loop);
    ~LogOutput();
    LogOutput(const LogOutput&) = delete;
    LogOutput& operator=(const LogOutput&) = delete;

    void write(std::string_view lines);
    /// For the end (stream_output.h).
    void flush();

private:
    void tell_of_lost();

    StreamOutput stream_;
    std::uint64_t lost_ = 0;  ///< lines, not told of yet
};

}  // namespace hv
