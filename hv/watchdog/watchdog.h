// SPDX-License-Identifier: Apache-2.0
// Detects that a guest hangs.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hv/core/event_loop.h"
#include "hv/watchdog/guest_time.h"
#include "hv/watchdog/life_sign.h"

namespace hv {

/// Checks the guest four times per limit. It asks for a sign of life that has been missing for half the limit. It
/// declares the guest hung if no sign came for one limit of the guest's own time, of which at least half passed after
/// the request: 1 to 1.5 limits after the last sign, or later if the host does not let the guest run.
class Watchdog {
public:
    /// The watchdog's sources of time and signs of life.
    struct Observer {
        std::function<GuestActivity()> activity;
        std::function<std::uint64_t()> cpu_ns;  ///< CPU time of the guest
        std::function<std::uint64_t()> now_ns;  ///< monotonic
    };

    /// `hung` is called once, on the loop's thread, with "hung: no tick for 5.0 s". `loop` outlives it.
    Watchdog(EventLoop& loop, std::uint64_t limit_ns, Observer observer, std::function<void(std::string reason)> hung);
    ~Watchdog() { stop(); }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// To be called before start(), for the sign that others depend on first: while one sign is missing, the watchdog
    /// does not judge those that were added after it.
    void add(std::unique_ptr<LifeSign> sign) { signs_.push_back({std::move(sign)}); }
    /// Starts watching; every sign counts as just seen.
    void start();
    /// Stops watching: the guest is paused, or has ended.
    void stop();
    /// Checks the guest once. After start() the loop calls it.
    void look();

private:
    struct Watched {
        std::unique_ptr<LifeSign> sign;
        std::uint64_t seen_ns = 0;       ///< now_ns at the last sign
        std::uint64_t seen_had_ns = 0;   ///< the guest's time at the last sign
        std::uint64_t asked_had_ns = 0;  ///< the guest's time at the request
        bool asked = false;
    };
    enum class Finding { alive, waiting, hung };
    Finding check(Watched& watched, std::uint64_t now_ns);
    void look_later();

    EventLoop& loop_;
    std::uint64_t limit_ns_;
    Observer observer_;
    std::function<void(std::string)> hung_;
    GuestTime time_;
    std::vector<Watched> signs_;
    std::uint64_t timer_ = 0;  ///< 0 = none
};

}  // namespace hv
