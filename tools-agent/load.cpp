// SPDX-License-Identifier: Apache-2.0
// Load averages.
#include "tools-agent/load.h"

#include <algorithm>
#include <cmath>

namespace tenon::tools {

namespace {
constexpr std::array<double, 3> periods = {60e9, 300e9, 900e9};
constexpr double idle_fraction = 0.01;
}  // namespace

void LoadAverage::sample(Nanoseconds now, const ProcessorTimes& times) {
    if (now <= last_time_) return;
    const auto elapsed = static_cast<double>(now - last_time_);
    const Nanoseconds busy = times.program + times.system;
    const double fraction = static_cast<double>(busy - std::min(busy, last_busy_)) / elapsed;
    // The agent's own thread has preempted one of the waiting threads, whose time counts as busy already.
    const double load = fraction + static_cast<double>(times.waiting > 1 ? times.waiting - 1 : 0);
    for (std::size_t i = 0; i < averages_.size(); ++i) {
        const double kept = std::exp(-elapsed / periods[i]);
        averages_[i] = averages_[i] * kept + load * (1 - kept);
    }
    interval_ = fraction > idle_fraction ? shortest_interval : std::min(interval_ * 2, longest_interval);
    last_time_ = now;
    last_busy_ = busy;
}

}  // namespace tenon::tools
