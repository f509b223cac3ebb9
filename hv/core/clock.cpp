// SPDX-License-Identifier: Apache-2.0
// The guest's clock page.
#include "hv/core/clock.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <utility>

#include "hv/core/counters.h"

namespace hv {

namespace {

Counter refreshes("clock.refreshes");
Counter host_steps("clock.host_time_set");
Counter jumps("clock.jumps");

constexpr double ns_per_second = 1e9;
constexpr std::uint64_t millisecond = 1'000'000;
constexpr std::uint64_t second = 1'000 * millisecond;

/// Writes under a sequence lock: a reader retries while the version is odd, and when it has changed meanwhile.
template <typename Write>
void update(std::atomic<std::uint32_t>& version, Write&& write) {
    version.fetch_add(1);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    write();
    std::atomic_thread_fence(std::memory_order_seq_cst);
    version.fetch_add(1);
}

}  // namespace

ClockScale clock_scale(double tsc_hz) {
    // mul in [2^31, 2^32) gives 31 bits of precision.
    double ns_per_tick = ns_per_second / tsc_hz;
    int shift = 0;
    for (; ns_per_tick >= 1.0; ns_per_tick /= 2) ++shift;
    for (; ns_per_tick < 0.5; ns_per_tick *= 2) --shift;
    const double mul = std::min(std::round(std::ldexp(ns_per_tick, 32)), 4294967295.0);
    return {static_cast<std::uint32_t>(mul), static_cast<std::int8_t>(shift)};
}

std::uint64_t scale_ticks(std::uint64_t ticks, ClockScale scale) {
    const std::uint64_t shifted = scale.shift >= 0 ? ticks << scale.shift : ticks >> -scale.shift;
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(shifted) * scale.mul) >> 32);
}

MachineClock::MachineClock(tenon::abi::ClockPage& page, HostClocks clocks)
    : page_(page),
      clocks_(std::move(clocks)),
      // A confined hv may not create it later. Without it the guest learns of a set host clock at the next refresh.
      host_time_(timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK)) {}

MachineClock::~MachineClock() {
    if (loop_ == nullptr) return;
    loop_->cancel(timer_);
    if (host_time_) loop_->unwatch(host_time_.get());
}

void MachineClock::start() {
    creation_ = last_ = sample();
    base_ = clocks_.start;
    // Fails only where the TSC is broken; the guest's clock then runs as if the TSC had 1 GHz.
    hz_ = tsc_frequency(base_, creation_).value_or(1e9);
    publish(creation_, 0, hz_);
}

void MachineClock::publish(const ClockPair& now, std::uint64_t system_time, double shown_hz) {
    scale_ = clock_scale(shown_hz);
    page_tsc_ = now.tsc;
    page_ns_ = system_time;
    update(page_.clock.version, [&] {
        page_.clock.tsc_timestamp = page_tsc_;
        page_.clock.system_time = page_ns_;
        page_.clock.tsc_to_system_mul = scale_.mul;
        page_.clock.tsc_shift = scale_.shift;
    });
    publish_wall_clock();
    page_.host_monotonic_offset.store(static_cast<std::int64_t>(now.ns - system_time));
}

void MachineClock::publish_after_jump(const ClockPair& now, std::uint64_t system_time) {
    page_.generation.fetch_add(1);
    publish(now, system_time, hz_);
    tell_jump_();
}

void MachineClock::publish_wall_clock() {
    const ClockPair now = sample_clock_pair(clocks_.tsc, clocks_.realtime);
    update(page_.wall.version, [&] {
        page_.wall.realtime_ns = now.ns;
        page_.wall.system_time = guest_ns(now.tsc);
    });
}

std::uint64_t MachineClock::guest_ns(std::uint64_t tsc) const {
    return page_ns_ + scale_ticks(tsc < page_tsc_ ? 0 : tsc - page_tsc_, scale_);
}

bool MachineClock::jumped(const ClockPair& now) const {
    if (now.tsc < last_.tsc || now.ns < last_.ns) return true;
    const double passed = static_cast<double>(now.ns - last_.ns);
    const double by_tsc = static_cast<double>(now.tsc - last_.tsc) / hz_ * ns_per_second;
    // NTP slews a host's clock by 0.05 % and more, and in the first second the rate is known less exactly.
    const double tolerance = last_.ns - base_.ns >= second ? 1e-3 : 5e-3;
    return std::abs(by_tsc - passed) > static_cast<double>(millisecond) + passed * tolerance;
}

void MachineClock::follow_jump(const ClockPair& now) {
    jumps.add();
    // Guest time never steps back: where the TSC ran ahead, the guest has seen the larger time already.
    const std::uint64_t system_time = std::max(guest_ns(now.tsc), now.ns - creation_.ns);
    creation_.ns = now.ns - system_time;
    base_ = last_ = now;
    publish_after_jump(now, system_time);
}

void MachineClock::pause() {
    if (!paused_ns_) paused_ns_ = guest_ns(clocks_.tsc());
}

void MachineClock::resume() {
    if (!paused_ns_) return;
    const std::uint64_t stood_at = *std::exchange(paused_ns_, std::nullopt);
    const ClockPair now = sample();
    if (jumped(now)) base_ = now;
    last_ = now;
    hz_ = tsc_frequency(base_, now).value_or(hz_);
    creation_.ns = now.ns - stood_at;
    publish_after_jump(now, stood_at);
}

void MachineClock::refresh(std::uint64_t next_ns) {
    if (paused_ns_) return;
    refreshes.add();
    const ClockPair now = sample();
    if (jumped(now)) return follow_jump(now);
    // NTP steers the host's clock all the time: measure the rate over the last interval, if that was a long one.
    if (now.ns - last_.ns >= 9 * second) base_ = last_;
    last_ = now;
    hz_ = tsc_frequency(base_, now).value_or(hz_);
    const std::uint64_t shown = guest_ns(now.tsc);
    const double error = static_cast<double>(static_cast<std::int64_t>(now.ns - creation_.ns - shown));
    // A positive error means that guest time is behind: it runs faster until the next refresh, by at most 0.05 %, as
    // NTP slews a clock.
    const double bend = std::clamp(error / static_cast<double>(next_ns), -5e-4, 5e-4);
    publish(now, shown, hz_ / (1.0 + bend));
}

void MachineClock::host_time_was_set() {
    if (paused_ns_) return;
    host_steps.add();
    // The timer also fires after a suspension of the host, in which the TSC may have continued or restarted.
    if (const ClockPair now = sample(); jumped(now)) return follow_jump(now);
    publish_wall_clock();
    tell_jump_();
}

void MachineClock::keep_exact(EventLoop& loop) {
    loop_ = &loop;
    schedule(10 * millisecond);
    if (!host_time_) return;
    watch_host_time();
    const auto watched = loop.watch(host_time_.get(), EPOLLIN, [this](std::uint32_t) {
        std::uint64_t expirations = 0;
        // The read fails with ECANCELED when the clock was set; the timer must be armed again to report the next
        // change.
        if (read(host_time_.get(), &expirations, sizeof expirations) < 0 && errno != ECANCELED) return;
        watch_host_time();
        host_time_was_set();
    });
    if (!watched) host_time_ = {};
}

/// Arms a timer that never expires, and that the kernel cancels when CLOCK_REALTIME is set (timerfd_create(2)).
void MachineClock::watch_host_time() {
    constexpr itimerspec never{.it_interval = {}, .it_value = {.tv_sec = 1LL << 40, .tv_nsec = 0}};
    timerfd_settime(host_time_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

void MachineClock::schedule(std::uint64_t delay_ns) {
    timer_ = loop_->after(delay_ns, [this, delay_ns] {
        const std::uint64_t next = std::min(delay_ns * 10, 60 * second);
        refresh(next);
        schedule(next);
    });
}

}  // namespace hv
