// SPDX-License-Identifier: Apache-2.0
// hv's one event loop: devices, hypercalls, the control socket and signals are all served by the thread that runs it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "hv/core/error.h"

namespace hv {

/// epoll, level-triggered unless EPOLLET is among a watch's events. Not thread-safe: everything but `stop` is called on
/// the loop's own thread. Handlers may add and remove handlers, their own included.
class EventLoop {
public:
    using Handler = std::function<void(std::uint32_t epoll_events)>;

    static Result<std::unique_ptr<EventLoop>> create();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Calls `handler` whenever `fd` (not owned) has one of `epoll_events` (EPOLLIN, EPOLLOUT).
    Result<> watch(int fd, std::uint32_t epoll_events, Handler handler);
    /// Changes the events that `fd`'s handler is called for; 0 pauses it.
    void change(int fd, std::uint32_t epoll_events);
    void unwatch(int fd);

    /// Calls `handler` once after `delay_ns`. Returns an id for `cancel`.
    std::uint64_t after(std::uint64_t delay_ns, std::function<void()> handler);
    void cancel(std::uint64_t timer);

    /// Serves events until `stop`.
    void run();
    void stop() { stopping_ = true; }

private:
    EventLoop() = default;
    struct Watch;
    struct Timer;
    int epoll_ = -1;
    int timer_ = -1;
    bool stopping_ = false;
    std::uint64_t next_timer_ = 1;
    std::uint64_t armed_for_ = 0;  ///< CLOCK_MONOTONIC in ns, 0 = not armed
    std::vector<std::unique_ptr<Watch>> watches_;
    std::vector<std::unique_ptr<Watch>> retired_;
    std::vector<Timer> timers_;
    void arm();
    void fire_due();
};

}  // namespace hv
