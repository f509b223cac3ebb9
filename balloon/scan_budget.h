// SPDX-License-Identifier: Apache-2.0
// Limits of the search for zero pages.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernel/time/clock.h"

namespace tenon::balloon {

/// Pages and CPU time for each second. An unused rest is not saved for the next second.
class ScanBudget {
public:
    struct Limits {
        std::uint32_t pages_per_second;
        std::uint32_t cpu_permille;  ///< of one CPU
    };
    explicit ScanBudget(Limits limits) : limits_(limits) {}

    /// There is budget left at `now`.
    [[nodiscard]] bool available(Nanoseconds now) {
        if (now >= period_end_) {
            period_end_ = now + second;
            pages_ = limits_.pages_per_second;
            time_ = second / 1000 * limits_.cpu_permille;
        }
        return pages_ != 0 && time_ != 0;
    }
    void spend(std::uint32_t pages, Nanoseconds time) {
        pages_ -= std::min(pages_, pages);
        time_ -= std::min(time_, time);
    }
    /// When there will be budget again.
    [[nodiscard]] Nanoseconds next() const { return period_end_; }

private:
    static constexpr Nanoseconds second = 1'000'000'000;
    Limits limits_;
    Nanoseconds period_end_ = 0;
    std::uint32_t pages_ = 0;
    Nanoseconds time_ = 0;
};

}  // namespace tenon::balloon
