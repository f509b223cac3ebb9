// SPDX-License-Identifier: Apache-2.0
// How pvbench takes samples.
#include "images/pvbench/measure.h"

#include <catch2/catch.hpp>

namespace {

using namespace pvbench;

constexpr std::uint64_t long_time = 60'000'000'000;

Options repeated(unsigned repetitions) {
    Options options;
    options.repetitions = repetitions;
    return options;
}

TEST_CASE("pvbench: warm-up samples are thrown away, and each repetition has its own") {
    int calls = 0;
    const auto outcome = take_samples(repeated(3), {.samples = 4, .warm_up = 2, .budget_ns = long_time},
                                      [&] { return static_cast<double>(calls++); });
    REQUIRE(outcome.has_value());
    REQUIRE(outcome->warm_up == 2);
    REQUIRE(outcome->repetitions == std::vector<std::vector<double>>{{2, 3, 4, 5}, {6, 7, 8, 9}, {10, 11, 12, 13}});
}

TEST_CASE("pvbench: a repetition whose time is over has at least one sample") {
    int calls = 0;
    const auto outcome = take_samples(repeated(2), {.samples = 1000, .warm_up = 1000, .budget_ns = 0},
                                      [&] { return static_cast<double>(calls++); });
    REQUIRE(outcome.has_value());
    REQUIRE(outcome->warm_up == 1);
    REQUIRE(outcome->repetitions == std::vector<std::vector<double>>{{1}, {2}});
}

TEST_CASE("pvbench: a measure that fails is left out with the reason, whenever it fails") {
    for (const int failing : {0, 3}) {
        int calls = 0;
        const auto outcome = take_samples(repeated(2), {.samples = 4, .warm_up = 1, .budget_ns = long_time},
                                          [&]() -> std::expected<double, std::string> {
                                              if (calls++ == failing) return std::unexpected("the cable is cut");
                                              return 1.0;
                                          });
        REQUIRE(!outcome.has_value());
        REQUIRE(outcome.error() == "the cable is cut");
        REQUIRE(calls == failing + 1);
    }
}

TEST_CASE("pvbench: megabytes per second are of 10^6 bytes") {
    REQUIRE(megabytes_per_second(5e6, 1e9) == 5);
    REQUIRE(megabytes_per_second(1, 1) == 1000);
}

}  // namespace
