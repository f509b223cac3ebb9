// SPDX-License-Identifier: Apache-2.0
// Detecting a guest that hangs.
#include "hv/watchdog/watchdog.h"

#include <fmt/format.h>

#include <utility>

#include "hv/core/counters.h"

namespace hv {

namespace {

Counter questions("watchdog.questions");

constexpr std::uint64_t looks_in_a_limit = 4;

}  // namespace

Watchdog::Watchdog(EventLoop& loop, std::uint64_t limit_ns, Observer observer, std::function<void(std::string)> hung)
    : loop_(loop),
      limit_ns_(limit_ns),
      observer_(std::move(observer)),
      hung_(std::move(hung)),
      time_(2 * limit_ns / looks_in_a_limit) {}

void Watchdog::start() {
    stop();
    time_ = GuestTime(2 * limit_ns_ / looks_in_a_limit);
    const std::uint64_t now = observer_.now_ns();
    time_.look(observer_.activity(), now, observer_.cpu_ns());
    for (Watched& watched : signs_) watched = {std::move(watched.sign), now};
    look_later();
}

void Watchdog::stop() {
    if (timer_ != 0) loop_.cancel(std::exchange(timer_, 0));
    for (Watched& watched : signs_)
        if (std::exchange(watched.asked, false)) watched.sign->forget();
}

void Watchdog::look_later() {
    timer_ = loop_.after(limit_ns_ / looks_in_a_limit, [this] {
        timer_ = 0;
        look();
    });
}

void Watchdog::look() {
    const std::uint64_t now = observer_.now_ns();
    time_.look(observer_.activity(), now, observer_.cpu_ns());
    for (Watched& watched : signs_) {
        const Finding finding = check(watched, now);
        if (finding == Finding::alive) continue;
        // The signs that follow depend on this one.
        if (finding == Finding::waiting) break;
        const double seconds = static_cast<double>(now - watched.seen_ns) / 1e9;
        std::string reason = fmt::format("hung: {} for {:.1f} s", watched.sign->missing(), seconds);
        stop();
        // The handler may destroy this object.
        return hung_(std::move(reason));
    }
    look_later();
}

Watchdog::Finding Watchdog::check(Watched& watched, std::uint64_t now_ns) {
    const std::uint64_t had = time_.had_ns();
    if (watched.asked ? watched.sign->answered() : watched.sign->needs_no_question()) {
        watched = {std::move(watched.sign), now_ns, had};
        return Finding::alive;
    }
    if (!watched.asked) {
        if (now_ns - watched.seen_ns < limit_ns_ / 2) return Finding::alive;
        questions.add();
        watched.asked = true;
        watched.asked_had_ns = had;
        watched.sign->ask();
        return Finding::waiting;
    }
    const bool is_hung = had - watched.seen_had_ns >= limit_ns_ && had - watched.asked_had_ns >= limit_ns_ / 2;
    return is_hung ? Finding::hung : Finding::waiting;
}

}  // namespace hv
