// SPDX-License-Identifier: Apache-2.0
// hv's event loop on epoll and one timerfd.
#include "hv/core/event_loop.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "hv/core/host_clock.h"

namespace hv {

namespace {

Error system_error(const char* what) { return {ErrorKind::internal, std::string(what) + ": " + std::strerror(errno)}; }

}  // namespace

struct EventLoop::Watch {
    int fd;
    bool active;
    Handler handler;
};

struct EventLoop::Timer {
    std::uint64_t id;
    std::uint64_t due_ns;
    std::function<void()> handler;
};

Result<std::unique_ptr<EventLoop>> EventLoop::create() {
    std::unique_ptr<EventLoop> loop(new EventLoop);
    loop->epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_ < 0) return std::unexpected(system_error("epoll_create1"));
    loop->timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop->timer_ < 0) return std::unexpected(system_error("timerfd_create"));
    // The timer has no Watch: a null pointer in an event marks it.
    epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
    if (epoll_ctl(loop->epoll_, EPOLL_CTL_ADD, loop->timer_, &event) != 0)
        return std::unexpected(system_error("epoll_ctl"));
    return loop;
}

EventLoop::~EventLoop() {
    if (timer_ >= 0) close(timer_);
    if (epoll_ >= 0) close(epoll_);
}

Result<> EventLoop::watch(int fd, std::uint32_t epoll_events, Handler handler) {
    auto watch = std::make_unique<Watch>(fd, true, std::move(handler));
    epoll_event event{.events = epoll_events, .data = {.ptr = watch.get()}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return std::unexpected(system_error("epoll_ctl"));
    watches_.push_back(std::move(watch));
    return {};
}

void EventLoop::change(int fd, std::uint32_t epoll_events) {
    for (const auto& watch : watches_) {
        if (watch->fd != fd) continue;
        epoll_event event{.events = epoll_events, .data = {.ptr = watch.get()}};
        epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
        return;
    }
}

void EventLoop::unwatch(int fd) {
    const auto found = std::ranges::find_if(watches_, [fd](const auto& watch) { return watch->fd == fd; });
    if (found == watches_.end()) return;
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    // The handler may be running, or a later event of this batch may point to it: freed after the batch.
    (*found)->active = false;
    retired_.push_back(std::move(*found));
    watches_.erase(found);
}

std::uint64_t EventLoop::after(std::uint64_t delay_ns, std::function<void()> handler) {
    timers_.push_back({next_timer_, host_monotonic_ns() + delay_ns, std::move(handler)});
    arm();
    return next_timer_++;
}

void EventLoop::cancel(std::uint64_t timer) {
    std::erase_if(timers_, [timer](const Timer& candidate) { return candidate.id == timer; });
    arm();
}

void EventLoop::arm() {
    std::uint64_t due = 0;  // 0 disarms
    for (const Timer& timer : timers_)
        if (due == 0 || timer.due_ns < due) due = timer.due_ns;
    if (due == armed_for_) return;
    armed_for_ = due;
    const itimerspec when{.it_interval = {},
                          .it_value = {.tv_sec = static_cast<time_t>(due / 1'000'000'000),
                                       .tv_nsec = static_cast<long>(due % 1'000'000'000)}};
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void EventLoop::fire_due() {
    std::uint64_t expirations = 0;
    if (read(timer_, &expirations, sizeof expirations) < 0) return;  // armed again since the event: nothing is due
    armed_for_ = 0;
    const std::uint64_t now = host_monotonic_ns();
    // Handlers may add and cancel timers, so each round searches the list again. Timers added meanwhile are due later
    // than `now`.
    for (;;) {
        const auto due = std::ranges::find_if(timers_, [now](const Timer& timer) { return timer.due_ns <= now; });
        if (due == timers_.end()) break;
        const auto handler = std::move(due->handler);
        timers_.erase(due);
        handler();
        if (stopping_) break;
    }
    arm();
}

void EventLoop::run() {
    stopping_ = false;
    std::array<epoll_event, 32> events{};
    while (!stopping_) {
        const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < count && !stopping_; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            auto* watch = static_cast<Watch*>(event.data.ptr);
            if (watch == nullptr)
                fire_due();
            else if (watch->active)
                watch->handler(event.events);
        }
        retired_.clear();
    }
}

}  // namespace hv
