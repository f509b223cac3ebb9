// SPDX-License-Identifier: Apache-2.0
// Load averages: how many threads ran or could have run, over the last one, five and fifteen minutes.
#pragma once

#include <array>

#include "tools-agent/guest.h"

namespace tenon::tools {

/// Sampled every 5 s, as on Linux; on an idle machine up to a minute apart, so that it can sleep. Busy time between
/// samples comes from the processors' accounts: a long interval misses only the threads that waited meanwhile.
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
