// SPDX-License-Identifier: Apache-2.0
// Finds out that a guest hangs.
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

/// Looks at the guest four times in each limit. A sign of life that has been missing for half a limit is asked for; one
/// that was not seen for a limit of the guest's time, half of it after the question, makes the guest hung. Which is
/// told between one limit and one and a half after the last sign, or later where the host does not let the guest run.
class Watchdog {
public:
    /// What it needs to know of the guest and the time.
    struct Observer {
        std::function<GuestActivity()> activity;
        std::function<std::uint64_t()> cpu_ns;  ///< the guest's
        std::function<std::uint64_t()> now_ns;  ///< monotonic
    };

    /// `hung` is called once, on the loop's thread, with "hung: no tick for 5.0 s". `loop` outlives it.
    Watchdog(EventLoop& loop, std::uint64_t limit_ns, Observer observer, std::function<void(std::string reason)> hung);
    ~Watchdog() { stop(); }
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// Before start(), in the order of what depends on what: while one is missing, those added after it are not judged.
    void add(std::unique_ptr<LifeSign> sign) { signs_.push_back({std::move(sign)}); }
    /// From now on; everything counts as just seen.
    void start();
    /// The guest stands still, or is over.
    void stop();
    /// One look; start() makes the loop call it.
    void look();

private:
    struct Watched {
        std::unique_ptr<LifeSign> sign;
        std::uint64_t seen_ns = 0;      ///< now_ns of the last sign
        std::uint64_t seen_had_ns = 0;  ///< what the guest had had then
        std::uint64_t asked_had_ns = 0;
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
