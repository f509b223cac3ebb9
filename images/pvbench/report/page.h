// SPDX-License-Identifier: Apache-2.0
// The report: one page of HTML with everything in it, without scripts and without a network.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "images/pvbench/report/record.h"

namespace pvbench {

/// A platform on which pvbench did not run. The text is anyone's.
struct AbsentPlatform {
    std::string name;
    std::string reason;
};

/// What a measure of this name is, in a few words; empty if it is unknown.
using DescribeMeasure = std::string_view (*)(std::string_view name);

/// A bar for each platform and measure, by subjects. Bars of one measure share a linear scale from 0; a whisker reaches
/// from the lowest to the highest median of a repetition. Ratios and verdicts are against the first record. `records`
/// is not empty.
[[nodiscard]] std::string report_page(std::span<const Record> records, std::span<const AbsentPlatform> absent,
                                      DescribeMeasure describe);

}  // namespace pvbench
