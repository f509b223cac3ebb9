// SPDX-License-Identifier: Apache-2.0
// What is said of a measure's samples.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace pvbench {

enum class Better { lower, higher };

/// The `fraction` quantile (0 to 1) of sorted values, with linear interpolation between neighbours (Hyndman and Fan,
/// "Sample quantiles in statistical packages", 1996, type 7). `sorted` is not empty.
[[nodiscard]] double quantile(std::span<const double> sorted, double fraction);

struct Summary {
    std::size_t samples = 0;  ///< of all repetitions together
    double median = 0;
    double p99 = 0;  ///< 99 % of the samples are this good or better: the slow tail, whichever direction is better
    double mean = 0;
    double spread = 0;            ///< interquartile range of all samples, divided by the median
    std::vector<double> medians;  ///< of each repetition
};

/// No repetition is empty, and there is at least one.
[[nodiscard]] Summary summarize(std::span<const std::vector<double>> repetitions, Better better);

}  // namespace pvbench
