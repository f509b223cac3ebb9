// SPDX-License-Identifier: Apache-2.0
#include "images/pvbench/report/comparison.h"

#include <catch2/catch.hpp>

#include "images/pvbench/report/comparison_text.h"
#include "images/pvbench/report/quantity.h"
#include "tests/unit/pvbench_report/sample.h"

using pvbench::compare;
using pvbench::MeasureRecord;
using pvbench::Verdict;

namespace {

const MeasureRecord base = test::measure("clock_read", {98, 99, 100, 101, 102});

MeasureRecord scaled(double factor) {
    MeasureRecord measure = base;
    for (double& median : measure.medians) median *= factor;
    measure.median *= factor;
    return measure;
}

pvbench::NamedRecord named(const std::string& name, const std::vector<MeasureRecord>& measures) {
    return {name + ".json", test::record(name, measures)};
}

}  // namespace

TEST_CASE("A run is within the noise of itself", "[pvbench]") {
    const auto row = compare(base, base);
    CHECK(row.verdict == Verdict::within_noise);
    CHECK(row.ratio == Approx(1));
    CHECK(row.interval->low < 1);
    CHECK(row.interval->high > 1);
}

TEST_CASE("Twice as much is found, in its direction", "[pvbench]") {
    CHECK(compare(base, scaled(2)).verdict == Verdict::worse);
    CHECK(compare(base, scaled(0.5)).verdict == Verdict::better);
    CHECK(compare(base, scaled(2)).ratio == Approx(2));
    MeasureRecord rate = base, faster = scaled(2);
    rate.higher_is_better = faster.higher_is_better = true;
    CHECK(compare(rate, faster).verdict == Verdict::better);
    CHECK(compare(faster, rate).verdict == Verdict::worse);
}

TEST_CASE("What two runs differ by without a cause is noise", "[pvbench]") {
    const auto exact = test::measure("exact", {100, 100, 100, 100, 100});
    CHECK(compare(exact, test::measure("exact", {104, 104, 104, 104, 104})).verdict == Verdict::within_noise);
    CHECK(compare(exact, test::measure("exact", {106, 106, 106, 106, 106})).verdict == Verdict::worse);
    CHECK(compare(exact, test::measure("exact", {94, 94, 94, 94, 94})).verdict == Verdict::better);
    // Half of the repetitions are slow: nothing is certain.
    CHECK(compare(exact, test::measure("exact", {100, 100, 200, 200, 200})).verdict == Verdict::within_noise);
}

TEST_CASE("What cannot be told is said", "[pvbench]") {
    const auto once = compare(test::measure("boot_main", {100}), test::measure("boot_main", {2000}));
    CHECK(once.verdict == Verdict::unknown);
    CHECK(once.ratio == Approx(20));
    CHECK_FALSE(once.interval);
    CHECK(compare(base, test::measure("clock_read", {0, 0, 0, 0, 0})).verdict == Verdict::not_comparable);
    CHECK(compare(test::measure("clock_read", {0, 0, 0, 0, 0}), base).verdict == Verdict::not_comparable);
    MeasureRecord other_unit = base;
    other_unit.unit = "us";
    CHECK(compare(base, other_unit).verdict == Verdict::not_comparable);
    CHECK(compare(base, other_unit).ratio == 0);
}

TEST_CASE("A measure of one side only has the other's reason", "[pvbench]") {
    auto left = test::record("left", {base, test::measure("blk_flush", {1, 2, 3, 4, 5})});
    auto right = test::record("right", {base, test::measure("extra", {1, 2, 3, 4, 5})});
    right.left_out = {{"blk_flush", "blk", "there is no disk"}};
    const auto comparison = compare(left, right);
    REQUIRE(comparison.measures.size() == 1);
    REQUIRE(comparison.missing.size() == 2);
    CHECK(comparison.missing[0].reason == "there is no disk");
    CHECK(comparison.missing[0].record == &right);
    CHECK(comparison.missing[1].measure->name == "extra");
    CHECK(comparison.missing[1].reason == "not asked for");
}

TEST_CASE("The measures of a subject stand together", "[pvbench]") {
    auto other_subject = test::measure("page_fault", {1, 2, 3, 4, 5});
    other_subject.subject = "memory";
    const auto all = test::record("all", {base, other_subject, test::measure("timer_lateness", {1, 2, 3, 4, 5})});
    const auto comparison = compare(all, all);
    REQUIRE(comparison.measures.size() == 3);
    CHECK(comparison.measures[1].baseline->name == "timer_lateness");
    CHECK(comparison.measures[2].baseline->name == "page_fault");
}

TEST_CASE("The table has ratios, intervals, verdicts and what is missing", "[pvbench]") {
    const auto baseline = named("hv-pv", {base, test::measure("gone", {7, 7, 7, 7, 7})});
    const pvbench::NamedRecord others[] = {named("slow", {scaled(2)}), named("same", {base})};
    const std::string text = comparison_text(baseline, others);
    CHECK(text.find("slow (slow.json) against the baseline hv-pv (hv-pv.json)\n") != std::string::npos);
    CHECK(text.find("100 ns      200 ns    2.00x") != std::string::npos);
    CHECK(text.find("worse\n") != std::string::npos);
    CHECK(text.find("slow has none: not asked for\n1 worse\n") != std::string::npos);
    CHECK(text.find("1 within noise\n") != std::string::npos);
    CHECK(any_is_worse(baseline, others));
    CHECK_FALSE(any_is_worse(baseline, std::span(others).subspan(1)));
    const pvbench::NamedRecord nothing[] = {named("empty", {})};
    CHECK(comparison_text(baseline, nothing).find("no measure is in both\n") != std::string::npos);
}

TEST_CASE("The comparison's JSON has the table's numbers", "[pvbench]") {
    const auto baseline = named("hv-pv", {base, test::measure("boot_main", {100})});
    const pvbench::NamedRecord others[] = {named("slow", {scaled(2), test::measure("boot_main", {300})})};
    const auto json = comparison_json(baseline, others);
    CHECK(json["schema"] == "tenon-pvbench-comparison-1");
    CHECK(json["baseline"]["platform"] == "hv-pv");
    const auto& measures = json["comparisons"][0]["measures"];
    CHECK(measures[0]["verdict"] == "worse");
    CHECK(measures[0]["ratio"].get<double>() == Approx(2));
    CHECK(measures[0]["low"].get<double>() > 1.9);
    CHECK(measures[1]["verdict"] == "noise unknown");
    CHECK_FALSE(measures[1].contains("low"));
}

TEST_CASE("Quantities have few digits and the fitting multiple", "[pvbench]") {
    using pvbench::quantity_text;
    CHECK(quantity_text(23.14, "ns") == "23.1 ns");
    CHECK(quantity_text(23'140, "ns") == "23.1 µs");
    CHECK(quantity_text(1500, "us") == "1.50 ms");
    CHECK(quantity_text(2.5e9, "ns") == "2.50 s");
    CHECK(quantity_text(0.25, "ns") == "0.250 ns");
    CHECK(quantity_text(0, "us") == "0 ns");
    CHECK(quantity_text(2100, "MB/s") == "2.10 GB/s");
    CHECK(quantity_text(999, "1/s") == "999 /s");
    CHECK(quantity_text(152'000, "1/s") == "152 k/s");
    CHECK(quantity_text(1.5 * 1024 * 1024, "bytes") == "1.50 MiB");
    CHECK(pvbench::ratio_text(19.96) == "20.0x");
    CHECK(pvbench::ratio_text(0.502) == "0.502x");
}
