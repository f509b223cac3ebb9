// SPDX-License-Identifier: Apache-2.0
// Signals through a signalfd.
#include "hv/machine/interrupts.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hv {

Result<std::unique_ptr<Interrupts>> Interrupts::create(EventLoop& loop, std::function<void()> handler) {
    std::unique_ptr<Interrupts> interrupts(new Interrupts(loop));
    sigset_t wanted;
    sigemptyset(&wanted);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&wanted, number);
    sigset_t blocked = wanted;
    // A reader that is gone, or a terminal that is another's now, is an error of read and write, not hv's end. SIGPIPE
    // is ignored: one that was only blocked would end hv in place of its guest's exit code.
    signal(SIGPIPE, SIG_IGN);
    for (const int number : {SIGTTIN, SIGTTOU}) sigaddset(&blocked, number);
    sigprocmask(SIG_BLOCK, &blocked, &interrupts->before_);
    interrupts->signals_ = FileDescriptor(signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!interrupts->signals_) return fail(ErrorKind::internal, fmt::format("signalfd: {}", std::strerror(errno)));
    const int fd = interrupts->signals_.get();
    CHECK(loop.watch(fd, EPOLLIN, [fd, handler = std::move(handler)](std::uint32_t) {
        signalfd_siginfo info{};
        while (read(fd, &info, sizeof info) == sizeof info) handler();
    }));
    return interrupts;
}

Interrupts::~Interrupts() {
    if (signals_) loop_.unwatch(signals_.get());
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace hv
