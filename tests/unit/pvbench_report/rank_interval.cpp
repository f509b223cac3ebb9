// SPDX-License-Identifier: Apache-2.0
#include "images/pvbench/report/rank_interval.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using pvbench::ratio_interval;
using pvbench::typical_ratio;
using Values = std::vector<double>;

namespace {

Values rising(std::size_t count) {
    Values values;
    for (std::size_t i = 0; i < count; ++i) values.push_back(100 + static_cast<double>(i));
    return values;
}

}  // namespace

TEST_CASE("A ratio is the median of all pairs' ratios", "[pvbench]") {
    CHECK(typical_ratio(Values{100, 100, 100}, Values{200, 200, 200}) == Approx(2));
    // One disturbed repetition on either side changes little.
    CHECK(typical_ratio(Values{100, 101, 102, 900}, Values{200, 202, 204, 206}) == Approx(2).epsilon(0.02));
    CHECK(typical_ratio(Values{1}, Values{20}) == Approx(20));
    // Of an even number of pairs the geometric mean of the middle two.
    CHECK(typical_ratio(Values{1, 1}, Values{2, 8}) == Approx(4));
}

TEST_CASE("The interval's ends are the ranks of the Mann-Whitney table", "[pvbench]") {
    // Critical values of U at 5 % on both sides (Hollander and Wolfe, table A.6): 2 of 5 and 5 values, 0 of 4 and 4, 8
    // of 7 and 7: so many ratios at each end lie outside.
    for (const auto& [count, outside] : {std::pair<std::size_t, std::size_t>{4, 0}, {5, 2}, {6, 5}, {7, 8}, {10, 23}}) {
        const Values values = rising(count);
        Values ratios;
        for (const double value : values)
            for (const double base : values) ratios.push_back(value / base);
        std::ranges::sort(ratios);
        const auto interval = ratio_interval(values, values);
        REQUIRE(interval);
        CHECK(interval->low == Approx(ratios[outside]));
        CHECK(interval->high == Approx(ratios[ratios.size() - 1 - outside]));
        CHECK(interval->ratio == Approx(1));
    }
}

TEST_CASE("Too few repetitions give no interval", "[pvbench]") {
    CHECK_FALSE(ratio_interval(rising(1), rising(1)));
    CHECK_FALSE(ratio_interval(rising(3), rising(3)));
    CHECK_FALSE(ratio_interval(rising(1), rising(30)));
    CHECK(ratio_interval(rising(4), rising(4)));
    CHECK(ratio_interval(rising(2), rising(8)));
}

TEST_CASE("The interval holds the true ratio as often as it says, for few and for many values", "[pvbench]") {
    std::mt19937 random(7);
    std::lognormal_distribution<double> noise(0, 0.2);
    const auto draw = [&](std::size_t count, double scale) {
        Values values;
        for (std::size_t i = 0; i < count; ++i) values.push_back(scale * noise(random));
        return values;
    };
    for (const std::size_t count : {4u, 5u, 20u, 60u}) {
        constexpr int trials = 400;
        int held = 0;
        for (int trial = 0; trial < trials; ++trial) {
            const auto interval = ratio_interval(draw(count, 100), draw(count, 130));
            REQUIRE(interval);
            if (interval->low <= 1.3 && 1.3 <= interval->high) ++held;
        }
        // 95 % of 400, less three standard deviations; and not always, except where only the widest one is sure enough.
        CHECK(held >= 367);
        if (count > 4) CHECK(held < trials);
    }
}
