// SPDX-License-Identifier: Apache-2.0
// The guest's clock page: guest time 0 is the machine's creation, and the TSC is never calibrated by waiting.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "hv/core/clock_pair.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"
#include "hypercall/clock.h"

namespace hv {

/// What pvclock multiplies with: ns = ((ticks shifted by `shift`) * mul) >> 32.
struct ClockScale {
    std::uint32_t mul;
    std::int8_t shift;
};
[[nodiscard]] ClockScale clock_scale(double tsc_hz);
[[nodiscard]] std::uint64_t scale_ticks(std::uint64_t ticks, ClockScale scale);

/// A machine's clock. Guest time never steps back: a refresh goes on from where the old page stands, and bends the
/// rate so that the error is gone at the next refresh.
class MachineClock {
public:
    /// `page` is the guest's (not owned). `cache_file` holds a pair of an earlier hv of this boot; empty = none.
    MachineClock(tenon::abi::ClockPage& page, HostClocks clocks, std::string cache_file);
    ~MachineClock();
    MachineClock(const MachineClock&) = delete;
    MachineClock& operator=(const MachineClock&) = delete;

    /// Fills the page: from now on guest time runs.
    void start();
    /// Refreshes the page at 10 ms, 100 ms, 1 s, 10 s, then every 60 s, and its wall clock whenever the host's is set.
    /// Leaves a pair in the cache at the first one. `loop` outlives the clock.
    void keep_exact(EventLoop& loop);

    /// The guest does not run any more, or not yet again: its time stands still, and the page is left alone.
    void pause();
    /// Guest time goes on from where it stood, the wall clock is the host's, and the generation is a new one.
    void resume();

    /// `jumped` is called after each change of the generation, and after the host's wall clock was set, on the thread
    /// that saw it.
    void tell_jumps(std::function<void()> jumped) { tell_jump_ = std::move(jumped); }

    /// Guest time that the page gives at `tsc`.
    [[nodiscard]] std::uint64_t guest_ns(std::uint64_t tsc) const;
    /// One refresh; the next one comes after `next_ns`.
    void refresh(std::uint64_t next_ns);
    /// The host's wall clock was set, or the host was suspended.
    void host_time_was_set();

private:
    [[nodiscard]] ClockPair sample() const { return sample_clock_pair(clocks_.tsc, clocks_.monotonic); }
    /// The TSC's rate was not what it seemed since the last look: it jumped, or the host's clock stood still.
    [[nodiscard]] bool jumped(const ClockPair& now) const;
    void follow_jump(const ClockPair& now);
    void publish(const ClockPair& now, std::uint64_t system_time, double shown_hz);
    void publish_wall_clock();
    void publish_after_jump(const ClockPair& now, std::uint64_t system_time);
    void watch_host_time();
    void schedule(std::uint64_t delay_ns);

    tenon::abi::ClockPage& page_;
    HostClocks clocks_;
    std::string cache_file_;
    ClockPair base_{};      ///< the rate is that since then
    ClockPair last_{};      ///< of the last look
    ClockPair creation_{};  ///< moved by the time of pauses: guest time is what has passed since
    double hz_ = 0;         ///< the TSC's rate, as it is known
    ClockScale scale_{};    ///< private copy of what the page says: the page is never read back
    std::uint64_t page_tsc_ = 0;
    std::uint64_t page_ns_ = 0;
    std::optional<std::uint64_t> paused_ns_;  ///< guest time at which it stands
    bool cache_is_fresh_ = false;
    EventLoop* loop_ = nullptr;
    std::uint64_t timer_ = 0;
    std::function<void()> tell_jump_ = [] {};
    FileDescriptor host_time_;  ///< a timerfd that is readable when CLOCK_REALTIME was set
};

}  // namespace hv
