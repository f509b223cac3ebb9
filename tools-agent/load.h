// SPDX-License-Identifier: Apache-2.0
// Load averages: how many threads ran or could have run, over the last one, five and fifteen minutes.
#pragma once

#include <array>

#include "tools-agent/guest.h"

namespace tenon::tools {

/// Sampled as Linux does it, every 5 s; an idle machine is left to sleep for up to a minute. Between two samples the
/// processors' own accounts say how busy they were, so a long interval loses nothing but the queue behind them.
class LoadAverage {
public:
    static constexpr Nanoseconds shortest_interval = 5'000'000'000, longest_interval = 60'000'000'000;

    [[nodiscard]] Nanoseconds due() const { return last_time_ + interval_; }
    void sample(Nanoseconds now, const ProcessorTimes& times);
    [[nodiscard]] const std::array<double, 3>& averages() const { return averages_; }

private:
    Nanoseconds last_time_ = 0;
    Nanoseconds last_busy_ = 0;
    Nanoseconds interval_ = shortest_interval;
    std::array<double, 3> averages_{};
};

}  // namespace tenon::tools
