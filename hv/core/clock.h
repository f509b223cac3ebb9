// SPDX-License-Identifier: Apache-2.0
// The guest's clock page: guest time 0 is the machine's creation, and the TSC is never calibrated by waiting.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "hv/core/clock_pair.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"
#include "hypercall/clock.h"

namespace hv {

/// pvclock's factors: ns = ((ticks shifted by `shift`) * mul) >> 32.
struct ClockScale {
    std::uint32_t mul;
    std::int8_t shift;
};
[[nodiscard]] ClockScale clock_scale(double tsc_hz);
[[nodiscard]] std::uint64_t scale_ticks(std::uint64_t ticks, ClockScale scale);

/// A machine's clock. Guest time never steps back: a refresh starts from the time that the old page gives, and adjusts
/// the rate so that the remaining error is gone at the next refresh.
class MachineClock {
public:
    /// `page` is not owned.
    MachineClock(tenon::abi::ClockPage& page, HostClocks clocks);
    ~MachineClock();
    MachineClock(const MachineClock&) = delete;
    MachineClock& operator=(const MachineClock&) = delete;

    /// Fills the page: from now on guest time runs.
    void start();
    /// Refreshes the page at 10 ms, 100 ms, 1 s, 10 s, then every 60 s, and its wall clock whenever the host's is set.
    /// `loop` outlives the clock.
    void keep_exact(EventLoop& loop);

    /// Stops guest time. The vCPUs stand still from before this call until after resume(); the page does not change.
    void pause();
    /// Continues guest time from where it stopped, sets the wall clock to the host's, and changes the generation.
    void resume();

    /// `jumped` is called after each change of the generation, and after the host's wall clock was set, on the thread
    /// that saw it.
    void tell_jumps(std::function<void()> jumped) { tell_jump_ = std::move(jumped); }

    /// The guest time that a guest computes from the page at `tsc`.
    [[nodiscard]] std::uint64_t guest_ns(std::uint64_t tsc) const;
    /// Refreshes the page once. The rate is adjusted for a next refresh after `next_ns`.
    void refresh(std::uint64_t next_ns);
    /// To be called when the host's wall clock was set, or the host was suspended.
    void host_time_was_set();

private:
    [[nodiscard]] ClockPair sample() const { return sample_clock_pair(clocks_.tsc, clocks_.monotonic); }
    /// Whether TSC and host clock disagree since the last sample: the TSC jumped, or the host was suspended.
    [[nodiscard]] bool jumped(const ClockPair& now) const;
    void follow_jump(const ClockPair& now);
    void publish(const ClockPair& now, std::uint64_t system_time, double shown_hz);
    void publish_wall_clock();
    void publish_after_jump(const ClockPair& now, std::uint64_t system_time);
    void watch_host_time();
    void schedule(std::uint64_t delay_ns);

    tenon::abi::ClockPage& page_;
    HostClocks clocks_;
    ClockPair base_{};      ///< start of the interval over which the rate is measured
    ClockPair last_{};      ///< the latest sample
    ClockPair creation_{};  ///< guest time 0; each pause moves it by its length
    double hz_ = 0;         ///< measured rate of the TSC
    ClockScale scale_{};    ///< hv's own copy of what the page says: hv never reads the page back
    std::uint64_t page_tsc_ = 0;
    std::uint64_t page_ns_ = 0;
    std::optional<std::uint64_t> paused_ns_;  ///< guest time of a paused machine
    EventLoop* loop_ = nullptr;
    std::uint64_t timer_ = 0;
    std::function<void()> tell_jump_ = [] {};
    FileDescriptor host_time_;  ///< a timerfd that becomes readable when CLOCK_REALTIME is set
};

}  // namespace hv
