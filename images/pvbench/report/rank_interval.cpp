// SPDX-License-Identifier: Apache-2.0
// Confidence intervals by ranks.
#include "images/pvbench/report/rank_interval.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace pvbench {

namespace {

/// From this size on the normal distribution is as good as the exact one, which takes time by the square of the size.
constexpr std::size_t large_product = 2500;

/// All ratios, sorted.
std::vector<double> pair_ratios(std::span<const double> baseline, std::span<const double> values) {
    std::vector<double> ratios;
    ratios.reserve(baseline.size() * values.size());
    for (const double value : values)
        for (const double base : baseline) ratios.push_back(value / base);
    std::ranges::sort(ratios);
    return ratios;
}

double median_of_sorted(const std::vector<double>& sorted) {
    const std::size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : std::sqrt(sorted[middle - 1]) * std::sqrt(sorted[middle]);
}

/// Probabilities of the statistic U of two samples of one distribution, from 0 up: of all ways to interleave `first`
/// and `second` values, the part in which U pairs are inverted. That is a Gaussian binomial coefficient, the product of
/// (1 - q^(second + i)) / (1 - q^i) for i from 1 to `first`.
std::vector<double> statistic_probabilities(std::size_t first, std::size_t second) {
    std::vector<double> ways(first * second + 1, 0.0);
    ways[0] = 1;
    for (std::size_t i = 1; i <= first; ++i) {
        for (std::size_t u = ways.size(); u-- > second + i;) ways[u] -= ways[u - second - i];
        for (std::size_t u = i; u < ways.size(); ++u) ways[u] += ways[u - i];
    }
    double sum = 0;
    for (const double count : ways) sum += count;
    for (double& count : ways) count /= sum;
    return ways;
}

/// How many of the ratios at each end lie outside of the interval; nothing if even the outermost two are too close.
std::optional<std::size_t> ratios_outside(std::size_t first, std::size_t second) {
    constexpr double tail = (1 - confidence) / 2;
    if (first * second > large_product) {
        constexpr double quantile = 1.959964;
        const auto product = static_cast<double>(first * second);
        const double deviation = std::sqrt(product * static_cast<double>(first + second + 1) / 12);
        const double outside = std::floor(product / 2 - quantile * deviation);
        // All values but one or two on one side: there is no such interval.
        if (outside < 1) return std::nullopt;
        return static_cast<std::size_t>(outside) - 1;
    }
    double probability = 0;
    std::size_t outside = 0;
    for (const double of_this : statistic_probabilities(first, second)) {
        probability += of_this;
        if (probability > tail) break;
        ++outside;
    }
    if (outside == 0) return std::nullopt;
    return outside - 1;
}

}  // namespace

double typical_ratio(std::span<const double> baseline, std::span<const double> values) {
    return median_of_sorted(pair_ratios(baseline, values));
}

std::optional<RatioInterval> ratio_interval(std::span<const double> baseline, std::span<const double> values) {
    const auto outside = ratios_outside(baseline.size(), values.size());
    if (!outside) return std::nullopt;
    const auto ratios = pair_ratios(baseline, values);
    return RatioInterval{
        .ratio = median_of_sorted(ratios), .low = ratios[*outside], .high = ratios[ratios.size() - 1 - *outside]};
}

}  // namespace pvbench
