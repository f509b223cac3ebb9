// SPDX-License-Identifier: Apache-2.0
// pvbench's table.
#include "images/pvbench/table.h"

#include <catch2/catch.hpp>

using namespace pvbench;

TEST_CASE("pvbench: the table has a line for each measure, and a reason for each that was left out") {
    Result result;
    result.platform.name = "hv-pv";
    result.measures.push_back(
        {.name = "clock_read",
         .subject = "clock",
         .unit = "ns",
         .better = Better::lower,
         .warm_up = 1,
         .summary = {.samples = 12, .median = 34.567, .p99 = 1234.5, .mean = 1, .spread = 0.051, .medians = {34}}});
    result.left_out.push_back({.name = "hypercall", .subject = "processor", .reason = "there is none"});
    const std::string text = to_table(result);
    REQUIRE(text.starts_with("hv-pv: "));
    const std::size_t line = text.find("\nclock_read ");
    REQUIRE(line != std::string::npos);
    const std::string measured = text.substr(line, text.find('\n', line + 1) - line);
    for (const char* part : {" 34.57 ", " 1234 ns ", " 5.1% ", " 12"}) {
        CAPTURE(measured, part);
        REQUIRE(measured.find(part) != std::string::npos);
    }
    REQUIRE(text.ends_with("hypercall                    left out: there is none\n"));
}

TEST_CASE("pvbench: a reason of any length stands in the table as a whole") {
    Result result;
    const std::string reason(2000, 'r');
    result.left_out.push_back({.name = "hypercall", .subject = "processor", .reason = reason});
    REQUIRE(to_table(result).ends_with(reason + "\n"));
}
