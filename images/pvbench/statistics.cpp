// SPDX-License-Identifier: Apache-2.0
// Quantiles, and the summary of samples.
#include "statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pvbench {

double quantile(std::span<const double> sorted, double fraction) {
    const double position = fraction * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(position));
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Summary summarize(std::span<const std::vector<double>> repetitions, Better better) {
    Summary summary;
    std::vector<double> all;
    for (const std::vector<double>& repetition : repetitions) {
        std::vector<double> sorted = repetition;
        std::ranges::sort(sorted);
        summary.medians.push_back(quantile(sorted, 0.5));
        all.insert(all.end(), sorted.begin(), sorted.end());
    }
    std::ranges::sort(all);
    summary.samples = all.size();
    summary.median = quantile(all, 0.5);
    summary.p99 = quantile(all, better == Better::lower ? 0.99 : 0.01);
    summary.mean = std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
    const double range = quantile(all, 0.75) - quantile(all, 0.25);
    summary.spread = summary.median == 0 ? 0 : range / std::abs(summary.median);
    return summary;
}

}  // namespace pvbench
