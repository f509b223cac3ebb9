// SPDX-License-Identifier: Apache-2.0
// Asking the agent for a sign of life.
#include "hv/watchdog/agent_sign.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "hv/core/clock_pair.h"

namespace hv {

Result<std::unique_ptr<AgentSign>> AgentSign::create(EventLoop& loop, PortSocket& port,
                                                     std::function<bool()> agent_is_open) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return fail(ErrorKind::internal, fmt::format("watchdog: {}", std::strerror(errno)));
    std::unique_ptr<AgentSign> self(new AgentSign(loop, port, std::move(agent_is_open)));
    self->own_end_ = FileDescriptor(pair[0]);
    self->far_end_ = FileDescriptor(pair[1]);
    CHECK(loop.watch(pair[0], EPOLLIN, [raw = self.get()](std::uint32_t) { raw->take(); }));
    // Start at a number that no earlier request had: the agent may still answer one of a previous hv.
    self->number_ = host_tsc() >> 1;
    return self;
}

AgentSign::~AgentSign() {
    forget();
    loop_.unwatch(own_end_.get());
}

void AgentSign::ask() {
    FileDescriptor client(fcntl(far_end_.get(), F_DUPFD_CLOEXEC, 0));
    if (!client || !port_.adopt(std::move(client))) return;
    waiting_ = true;
    received_.clear();
    // The byte 0xFF makes the agent discard a request that a previous client left unfinished. A failed send has the
    // same result as no answer.
    const std::string request =
        fmt::format("\xFF{{\"execute\":\"guest-sync\",\"arguments\":{{\"id\":{}}}}}\n", ++number_);
    static_cast<void>(send(own_end_.get(), request.data(), request.size(), MSG_NOSIGNAL));
}

void AgentSign::take() {
    std::array<char, 4096> buffer;
    const ssize_t size = recv(own_end_.get(), buffer.data(), buffer.size(), 0);
    if (size <= 0 || !waiting_) return;
    // Keep the end of the previous read, so that a number that is split between two reads is found, and no more,
    // however much the agent sends.
    constexpr std::size_t longest_number = 20;
    if (received_.size() > longest_number) received_.erase(0, received_.size() - longest_number);
    received_.append(buffer.data(), static_cast<std::size_t>(size));
    if (received_.contains(fmt::format("{}", number_))) forget();
}

bool AgentSign::answered() {
    if (waiting_) take();
    // An agent that has closed its port has ended, and does not hang.
    if (!agent_is_open_()) forget();
    return !waiting_;
}

void AgentSign::forget() {
    if (std::exchange(waiting_, false)) port_.release();
}

}  // namespace hv
