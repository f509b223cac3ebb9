// SPDX-License-Identifier: Apache-2.0
// The guest's clock page: guest time 0 is the machine's creation, and the TSC is never calibrated by waiting.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hypercall/clock.h"

namespace hv {

/// The TSC and CLOCK_MONOTONIC at one moment.
struct ClockPair {
    std::uint64_t tsc;
    std::uint64_t monotonic_ns;
};

/// Reads the TSC as the guest sees it.
using TscReader = std::function<std::uint64_t()>;

[[nodiscard]] std::uint64_t host_tsc();

/// A pair with an error of some tens of ns: the best of a few attempts.
[[nodiscard]] ClockPair sample_clock_pair(const TscReader& tsc = host_tsc);

/// TSC ticks per second from two pairs; nothing where they are out of order or the answer is absurd.
[[nodiscard]] std::optional<double> tsc_frequency(const ClockPair& earlier, const ClockPair& later);

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
    MachineClock(tenon::abi::ClockPage& page, TscReader tsc, std::string cache_file);
    ~MachineClock();
    MachineClock(const MachineClock&) = delete;
    MachineClock& operator=(const MachineClock&) = delete;

    /// Fills the page: from now on guest time runs.
    void start();
    /// Refreshes the page at 10 ms, 100 ms, 1 s, 10 s, then every 60 s. Leaves a pair in the cache at the first one.
    /// `loop` outlives the clock.
    void keep_exact(EventLoop& loop);

    /// The guest does not run any more, or not yet again: its time stands still, and the page is left alone.
    void pause();
    /// Guest time goes on from where it stood, the wall clock is the host's, and the generation is a new one.
    void resume();

    /// Guest time that the page gives at `tsc`.
    [[nodiscard]] std::uint64_t guest_ns(std::uint64_t tsc) const;
    /// One refresh; the next one comes after `next_ns`.
    void refresh(std::uint64_t next_ns);

private:
    void publish(std::uint64_t tsc, std::uint64_t system_time, double hz, std::int64_t monotonic_offset);
    void schedule(std::uint64_t delay_ns);
    void read_cache(const ClockPair& now);
    void write_cache();

    tenon::abi::ClockPage& page_;
    TscReader tsc_;
    std::string cache_file_;
    ClockPair base_{};  ///< the longest baseline that is known
    ClockPair creation_{};  ///< moved by the time of pauses: guest time is what has passed since
    ClockScale scale_{};  ///< private copy of what the page says: the page is never read back
    std::uint64_t page_tsc_ = 0;
    std::uint64_t page_ns_ = 0;
    std::optional<std::uint64_t> paused_ns_;  ///< guest time at which it stands
    bool cache_is_fresh_ = false;
    EventLoop* loop_ = nullptr;
    std::uint64_t timer_ = 0;
};

/// The pair taken when this process started, before main().
[[nodiscard]] const ClockPair& process_start_pair();

}  // namespace hv
