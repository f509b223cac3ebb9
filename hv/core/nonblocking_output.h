// SPDX-License-Identifier: Apache-2.0
// Writing to a descriptor that others have too, without ever waiting for its reader.
#pragma once

#include <sys/types.h>

#include <string_view>

#include "hv/core/file_descriptor.h"

namespace hv {

/// O_NONBLOCK belongs to an open file, which a shell and its other programs share: it is not hv's to set there. And
/// what polls as writable may still wait: a terminal for the rest of a write, a pipe for another process that filled
/// it first. So a pipe or a terminal is opened anew, for an open file of hv's own. Where this user may not (a terminal
/// or a pipe that another user made), a process of its own waits in hv's place.
class NonblockingOutput {
public:
    enum class How { any, by_process };
    /// `fd` is not owned. To be made before hv confines itself.
    explicit NonblockingOutput(int fd, How how = How::any);
    /// Lets the process end, for at most a second.
    ~NonblockingOutput();
    NonblockingOutput(const NonblockingOutput&) = delete;
    NonblockingOutput& operator=(const NonblockingOutput&) = delete;

    /// To wait on, for EPOLLOUT.
    [[nodiscard]] int fd() const { return own_ ? own_.get() : fd_; }
    /// As write(2): EAGAIN where the reader takes nothing now.
    [[nodiscard]] ssize_t write(std::string_view text) const;

private:
    void open_anew();
    void start_process();

    int fd_;
    bool socket_ = false;
    FileDescriptor own_;      ///< empty: `fd_` never makes anybody wait (a file), or is non-blocking already
    FileDescriptor process_;  ///< pidfd
};

}  // namespace hv
