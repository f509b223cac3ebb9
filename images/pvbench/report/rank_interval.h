// SPDX-License-Identifier: Apache-2.0
// How many times larger one set of measurements is than another, and how sure that is.
#pragma once

#include <optional>
#include <span>

namespace pvbench {

inline constexpr double confidence = 0.95;

/// The interval holds the true ratio with the probability `confidence` at least.
struct RatioInterval {
    double ratio = 0;
    double low = 0;
    double high = 0;
};

/// The ratio that `values` are to `baseline`: the median of all ratios of one of the former to one of the latter
/// (Hodges and Lehmann 1963, on logarithms). `values` and `baseline` are positive and not empty.
[[nodiscard]] double typical_ratio(std::span<const double> baseline, std::span<const double> values);

/// The same with its interval, from the exact distribution of the Wilcoxon-Mann-Whitney statistic (Hollander and Wolfe,
/// "Nonparametric Statistical Methods", 4.3): it depends on ranks only, so it holds whatever the distribution of the
/// noise is, and one disturbed repetition does not widen it. Nothing if there are too few values for `confidence`: four
/// on each side are enough.
[[nodiscard]] std::optional<RatioInterval> ratio_interval(std::span<const double> baseline,
                                                          std::span<const double> values);

}  // namespace pvbench
