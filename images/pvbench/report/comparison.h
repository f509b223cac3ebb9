// SPDX-License-Identifier: Apache-2.0
// Two runs of pvbench, measure by measure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "images/pvbench/report/rank_interval.h"
#include "images/pvbench/report/record.h"

namespace pvbench {

/// Two runs of pvbench on the same machine differ by about this much without a cause: a smaller difference is noise,
/// however sure it is.
inline constexpr double repeatability = 0.05;

enum class Verdict {
    better,
    worse,
    within_noise,
    unknown,         ///< too few repetitions to tell noise from a difference
    not_comparable,  ///< the units differ, or a median is 0
};

[[nodiscard]] const char* verdict_text(Verdict verdict);

struct MeasureComparison {
    const MeasureRecord* baseline;
    const MeasureRecord* other;
    double ratio = 0;                       ///< other to baseline; 0: not_comparable
    std::optional<RatioInterval> interval;  ///< nothing: unknown or not_comparable
    Verdict verdict = Verdict::not_comparable;
};

[[nodiscard]] MeasureComparison compare(const MeasureRecord& baseline, const MeasureRecord& other);

/// A measure that one of the two does not have.
struct Missing {
    const MeasureRecord* measure;
    const Record* record;  ///< that does not have it
    std::string reason;
};

/// The records outlive it.
struct Comparison {
    std::vector<MeasureComparison> measures;  ///< by subjects, in the baseline's order
    std::vector<Missing> missing;
};

[[nodiscard]] Comparison compare(const Record& baseline, const Record& other);

}  // namespace pvbench
