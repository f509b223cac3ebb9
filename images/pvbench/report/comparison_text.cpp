// SPDX-License-Identifier: Apache-2.0
// Tables and JSON of comparisons.
#include "images/pvbench/report/comparison_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hv/core/printable.h"
#include "images/pvbench/report/comparison.h"
#include "images/pvbench/report/quantity.h"

namespace pvbench {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array all_verdicts = {Verdict::better, Verdict::worse, Verdict::within_noise, Verdict::unknown,
                                     Verdict::not_comparable};

std::string interval_text(const MeasureComparison& row) {
    if (!row.interval) return "";
    return fmt::format("{} to {}", ratio_text(row.interval->low), ratio_text(row.interval->high));
}

std::string measure_line(const MeasureComparison& row) {
    return fmt::format("  {:<30} {:>11} {:>11} {:>8}  {:<18} {}\n", row.baseline->name,
                       quantity_text(row.baseline->median, row.baseline->unit),
                       quantity_text(row.other->median, row.other->unit), row.ratio > 0 ? ratio_text(row.ratio) : "",
                       interval_text(row), verdict_text(row.verdict));
}

std::string sum_line(const Comparison& comparison) {
    std::string text;
    for (const Verdict verdict : all_verdicts) {
        const auto count = std::ranges::count(comparison.measures, verdict, &MeasureComparison::verdict);
        if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict_text(verdict));
    }
    return text.empty() ? "no measure is in both\n" : text + "\n";
}

std::string one_text(const NamedRecord& baseline, const NamedRecord& other) {
    const Comparison comparison = compare(baseline.record, other.record);
    std::string text =
        fmt::format("{} ({}) against the baseline {} ({})\n", other.record.platform.name, hv::printable(other.file),
                    baseline.record.platform.name, hv::printable(baseline.file));
    text += fmt::format("  {:<30} {:>11} {:>11} {:>8}  {}\n", "measure", "baseline", "this", "ratio",
                        fmt::format("{:.0f} % interval", confidence * 100));
    std::string subject;
    for (const MeasureComparison& row : comparison.measures) {
        if (row.baseline->subject != subject) text += row.baseline->subject + "\n";
        subject = row.baseline->subject;
        text += measure_line(row);
    }
    if (!comparison.missing.empty()) text += "not compared\n";
    for (const Missing& missing : comparison.missing)
        text += fmt::format("  {:<30} {} has none: {}\n", missing.measure->name, missing.record->platform.name,
                            missing.reason);
    return text + sum_line(comparison);
}

Json measure_json(const MeasureComparison& row) {
    Json json = {{"name", row.baseline->name},       {"subject", row.baseline->subject},
                 {"unit", row.baseline->unit},       {"better", row.baseline->higher_is_better ? "higher" : "lower"},
                 {"baseline", row.baseline->median}, {"other", row.other->median}};
    if (row.ratio > 0) json["ratio"] = row.ratio;
    if (row.interval) {
        json["low"] = row.interval->low;
        json["high"] = row.interval->high;
    }
    json["verdict"] = verdict_text(row.verdict);
    return json;
}

Json one_json(const NamedRecord& baseline, const NamedRecord& other) {
    const Comparison comparison = compare(baseline.record, other.record);
    Json measures = Json::array();
    for (const MeasureComparison& row : comparison.measures) measures.push_back(measure_json(row));
    Json missing = Json::array();
    for (const Missing& item : comparison.missing)
        missing.push_back({{"name", item.measure->name},
                           {"subject", item.measure->subject},
                           {"platform", item.record->platform.name},
                           {"reason", item.reason}});
    return {{"file", other.file},
            {"platform", other.record.platform.name},
            {"measures", std::move(measures)},
            {"missing", std::move(missing)}};
}

}  // namespace

std::string comparison_text(const NamedRecord& baseline, std::span<const NamedRecord> others) {
    std::string text;
    for (const NamedRecord& other : others) text += (text.empty() ? "" : "\n") + one_text(baseline, other);
    return text;
}

Json comparison_json(const NamedRecord& baseline, std::span<const NamedRecord> others) {
    Json comparisons = Json::array();
    for (const NamedRecord& other : others) comparisons.push_back(one_json(baseline, other));
    return {{"schema", "tenon-pvbench-comparison-1"},
            {"confidence", confidence},
            {"repeatability", repeatability},
            {"baseline", {{"file", baseline.file}, {"platform", baseline.record.platform.name}}},
            {"comparisons", std::move(comparisons)}};
}

bool any_is_worse(const NamedRecord& baseline, std::span<const NamedRecord> others) {
    return std::ranges::any_of(others, [&](const NamedRecord& other) {
        const Comparison comparison = compare(baseline.record, other.record);
        return std::ranges::count(comparison.measures, Verdict::worse, &MeasureComparison::verdict) > 0;
    });
}

}  // namespace pvbench
