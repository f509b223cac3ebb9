// SPDX-License-Identifier: Apache-2.0
// Reading results, with this program's own words for its measures.
#include "images/pvbench/report/commands.h"
#include "measures.h"
#include "report_command.h"

namespace pvbench {

namespace {

std::string_view description_of(std::string_view name) {
    for (const Measure& measure : all_measures())
        if (name == measure.name) return measure.description;
    return "";
}

}  // namespace

std::optional<int> run_report(std::span<const std::string_view> arguments) {
    return run_report_command(arguments, description_of);
}

}  // namespace pvbench
