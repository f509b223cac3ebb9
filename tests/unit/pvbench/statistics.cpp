// SPDX-License-Identifier: Apache-2.0
// pvbench's statistics, of samples whose answers are known.
#include "images/pvbench/statistics.h"

#include <catch2/catch.hpp>
#include <numeric>

namespace {

using pvbench::Better;
using pvbench::quantile;
using pvbench::summarize;
using Repetitions = std::vector<std::vector<double>>;

/// 100, 99, ... 0: the quantile q of them is 100 q.
std::vector<double> hundred_to_zero() {
    std::vector<double> values(101);
    std::iota(values.rbegin(), values.rend(), 0.0);
    return values;
}

}  // namespace

TEST_CASE("pvbench: quantiles lie on the samples, or between two of them in proportion") {
    const std::vector<double> values{10, 20, 40, 80};
    REQUIRE(quantile(values, 0) == 10);
    REQUIRE(quantile(values, 1) == 80);
    REQUIRE(quantile(values, 0.5) == 30);
    REQUIRE(quantile(values, 1.0 / 3) == Approx(20));
    REQUIRE(quantile(values, 0.25) == Approx(17.5));
    const std::vector<double> one{7};
    REQUIRE(quantile(one, 0.99) == 7);
}

TEST_CASE("pvbench: a summary does not depend on the samples' order") {
    const auto summary = summarize(Repetitions{hundred_to_zero()}, Better::lower);
    REQUIRE(summary.samples == 101);
    REQUIRE(summary.median == 50);
    REQUIRE(summary.p99 == 99);
    REQUIRE(summary.mean == Approx(50));
    REQUIRE(summary.spread == Approx(1.0));  // from 25 to 75, for a median of 50
    REQUIRE(summary.medians == std::vector<double>{50});
}

TEST_CASE("pvbench: p99 is the bad tail, which for rates is the low one") {
    REQUIRE(summarize(Repetitions{hundred_to_zero()}, Better::lower).p99 == 99);
    REQUIRE(summarize(Repetitions{hundred_to_zero()}, Better::higher).p99 == 1);
}

TEST_CASE("pvbench: repetitions have medians of their own, and count by their samples together") {
    const auto summary = summarize(Repetitions{{1, 2, 3}, {30, 10, 20}, {5}}, Better::lower);
    REQUIRE(summary.medians == std::vector<double>{2, 20, 5});
    REQUIRE(summary.samples == 7);
    REQUIRE(summary.median == 5);
    REQUIRE(summary.mean == Approx(71.0 / 7));
}

TEST_CASE("pvbench: one outlier moves the mean and p99, and neither median nor spread") {
    std::vector<double> values(1000, 10.0);
    values[500] = 1e9;
    const auto summary = summarize(Repetitions{values}, Better::lower);
    REQUIRE(summary.median == 10);
    REQUIRE(summary.spread == 0);
    REQUIRE(summary.p99 == 10);
    REQUIRE(summary.mean > 1e5);
}

TEST_CASE("pvbench: what was added to every sample is added to the median, not to the spread's range") {
    auto values = hundred_to_zero();
    for (double& value : values) value += 1000;
    const auto summary = summarize(Repetitions{values}, Better::lower);
    REQUIRE(summary.median == 1050);
    REQUIRE(summary.spread == Approx(50.0 / 1050));
}

TEST_CASE("pvbench: a median of 0 has no spread relative to it") {
    const auto summary = summarize(Repetitions{{0, 0, 0, 4}}, Better::lower);
    REQUIRE(summary.median == 0);
    REQUIRE(summary.spread == 0);
}
