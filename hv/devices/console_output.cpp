// SPDX-License-Identifier: Apache-2.0
// Console text to a descriptor that may be slow.
#include "hv/devices/console_output.h"

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "hv/core/counters.h"

namespace hv {

namespace {

constexpr std::size_t backlog_limit = 256 * 1024;
constexpr int flush_limit_ms = 1000;

Counter bytes_out("console.out_bytes");
Counter bytes_dropped("console.dropped_bytes");

bool is_writable(int fd, int timeout_ms) {
    pollfd poller{.fd = fd, .events = POLLOUT, .revents = 0};
    return poll(&poller, 1, timeout_ms) > 0;
}

}  // namespace

ConsoleOutput::~ConsoleOutput() {
    if (watching_) loop_.unwatch(fd_);
}

std::size_t ConsoleOutput::write_some(std::string_view text) {
    std::size_t done = 0;
    // A pipe that polls as writable has room for PIPE_BUF bytes; writing more might block.
    while (done < text.size() && is_writable(fd_, 0)) {
        const std::size_t size = std::min<std::size_t>(text.size() - done, PIPE_BUF);
        const ssize_t written = ::write(fd_, text.data() + done, size);
        if (written < 0 && (errno == EAGAIN || errno == EINTR)) break;
        // The text can never be written (EPIPE, EIO, a full disk): drop it, so that the guest does not stop.
        if (written < 0) {
            bytes_dropped.add(text.size() - done);
            return text.size();
        }
        done += static_cast<std::size_t>(written);
        bytes_out.add(static_cast<std::uint64_t>(written));
    }
    return done;
}

void ConsoleOutput::write(std::string_view text) {
    if (backlog_.empty()) text.remove_prefix(write_some(text));
    if (text.empty()) return;
    const std::size_t room = backlog_limit - std::min(backlog_limit, backlog_.size());
    if (text.size() > room) bytes_dropped.add(text.size() - room);
    backlog_.append(text.substr(0, room));
    watch();
}

void ConsoleOutput::watch() {
    if (watching_) return;
    watching_ = loop_.watch(fd_, EPOLLOUT, [this](std::uint32_t) { on_writable(); }).has_value();
    // epoll refuses regular files, which never block.
    if (!watching_) flush();
}

void ConsoleOutput::on_writable() {
    backlog_.erase(0, write_some(backlog_));
    if (!backlog_.empty()) return;
    // Free the buffer: an idle machine should not hold it.
    backlog_.shrink_to_fit();
    loop_.unwatch(fd_);
    watching_ = false;
    if (drained_) drained_();
}

void ConsoleOutput::flush() {
    while (!backlog_.empty() && is_writable(fd_, flush_limit_ms)) backlog_.erase(0, write_some(backlog_));
    if (!backlog_.empty()) bytes_dropped.add(backlog_.size());
    backlog_.clear();
}

}  // namespace hv
