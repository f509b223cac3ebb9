// SPDX-License-Identifier: Apache-2.0
// Looking up measures.
#include "images/pvbench/report/record.h"

#include <algorithm>

namespace pvbench {

const MeasureRecord* find_measure(const Record& record, const std::string& name) {
    const auto found = std::ranges::find(record.measures, name, &MeasureRecord::name);
    return found == record.measures.end() ? nullptr : &*found;
}

std::string reason_without(const Record& record, const std::string& name) {
    const auto found = std::ranges::find(record.left_out, name, &LeftOutRecord::name);
    return found == record.left_out.end() ? "not asked for" : found->reason;
}

}  // namespace pvbench
