// SPDX-License-Identifier: Apache-2.0
// Comparing runs.
#include "images/pvbench/report/comparison.h"

#include <algorithm>

namespace pvbench {

namespace {

/// Ratios to less than this are of no use, in any unit.
bool is_positive(double value) { return value > 1e-9; }

Verdict judge(const RatioInterval& interval, bool higher_is_better) {
    if (interval.low > 1 + repeatability) return higher_is_better ? Verdict::better : Verdict::worse;
    if (interval.high < 1 / (1 + repeatability)) return higher_is_better ? Verdict::worse : Verdict::better;
    return Verdict::within_noise;
}

/// Each subject where it comes first. A program may measure parts of a subject at different times.
void group_by_subject(std::vector<MeasureComparison>& rows) {
    std::vector<std::string> subjects;
    for (const MeasureComparison& row : rows)
        if (std::ranges::find(subjects, row.baseline->subject) == subjects.end())
            subjects.push_back(row.baseline->subject);
    std::ranges::stable_sort(
        rows, {}, [&](const MeasureComparison& row) { return std::ranges::find(subjects, row.baseline->subject); });
}

}  // namespace

const char* verdict_text(Verdict verdict) {
    switch (verdict) {
        case Verdict::better: return "better";
        case Verdict::worse: return "worse";
        case Verdict::within_noise: return "within noise";
        case Verdict::unknown: return "noise unknown";
        case Verdict::not_comparable: return "not comparable";
    }
    return "";
}

MeasureComparison compare(const MeasureRecord& baseline, const MeasureRecord& other) {
    MeasureComparison result{.baseline = &baseline, .other = &other, .interval = std::nullopt};
    const bool comparable = baseline.unit == other.unit && baseline.higher_is_better == other.higher_is_better &&
                            std::ranges::all_of(baseline.medians, is_positive) &&
                            std::ranges::all_of(other.medians, is_positive);
    if (!comparable) return result;
    result.interval = ratio_interval(baseline.medians, other.medians);
    result.ratio = result.interval ? result.interval->ratio : typical_ratio(baseline.medians, other.medians);
    result.verdict = result.interval ? judge(*result.interval, baseline.higher_is_better) : Verdict::unknown;
    return result;
}

Comparison compare(const Record& baseline, const Record& other) {
    Comparison comparison;
    for (const MeasureRecord& measure : baseline.measures) {
        if (const MeasureRecord* same = find_measure(other, measure.name))
            comparison.measures.push_back(compare(measure, *same));
        else
            comparison.missing.push_back({&measure, &other, reason_without(other, measure.name)});
    }
    for (const MeasureRecord& measure : other.measures)
        if (find_measure(baseline, measure.name) == nullptr)
            comparison.missing.push_back({&measure, &baseline, reason_without(baseline, measure.name)});
    group_by_subject(comparison.measures);
    return comparison;
}

}  // namespace pvbench
