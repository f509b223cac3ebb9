// SPDX-License-Identifier: Apache-2.0
// A backlog for a slow reader.
#include "hv/core/stream_output.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "hv/core/deadline.h"

namespace hv {

namespace {

constexpr int pause_limit_ms = 1000;
constexpr std::chrono::seconds flush_limit{10};

bool is_writable(int fd, int timeout_ms) {
    pollfd poller{.fd = fd, .events = POLLOUT, .revents = 0};
    return poll(&poller, 1, timeout_ms) > 0;
}

}  // namespace

StreamOutput::~StreamOutput() {
    if (watching_) loop_.unwatch(output_.fd());
}

std::size_t StreamOutput::write_some(std::string_view text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t written = output_.write(text.substr(done));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno == EAGAIN) break;
        // Nobody will ever read it (EPIPE, EIO), or there is no place for it (a full disk, a file's limit): the machine
        // goes on without.
        if (written < 0) {
            failure_ = errno;
            dropped_.add(text.size() - done);
            return text.size();
        }
        done += static_cast<std::size_t>(written);
        written_.add(static_cast<std::uint64_t>(written));
    }
    return done;
}

void StreamOutput::write(std::string_view text) {
    if (backlog_.empty()) text.remove_prefix(write_some(text));
    if (text.empty()) return;
    if (text.size() > room()) dropped_.add(text.size() - room());
    backlog_.append(text.substr(0, room()));
    watch();
}

void StreamOutput::watch() {
    if (watching_) return;
    watching_ = loop_.watch(output_.fd(), EPOLLOUT, [this](std::uint32_t) { on_writable(); }).has_value();
    // Only a descriptor that never says EAGAIN cannot be watched.
    if (!watching_) flush();
}

void StreamOutput::on_writable() {
    backlog_.erase(0, write_some(backlog_));
    if (!backlog_.empty()) return;
    // Idle machines do not hold memory for text of the past.
    backlog_.shrink_to_fit();
    loop_.unwatch(output_.fd());
    watching_ = false;
    if (drained_) drained_();
}

void StreamOutput::flush() {
    const Deadline deadline(flush_limit);
    while (!backlog_.empty() && !deadline.passed() && is_writable(output_.fd(), pause_limit_ms))
        backlog_.erase(0, write_some(backlog_));
    if (!backlog_.empty()) dropped_.add(backlog_.size());
    backlog_.clear();
}

}  // namespace hv
