// SPDX-License-Identifier: Apache-2.0
// Tables.
#include "hv/cli/table.h"

#include <fmt/format.h>

#include <algorithm>

#include "hv/core/printable.h"

namespace hv {

std::string Table::text() const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < widths.size(); ++i) line += fmt::format("{:<{}}", row[i], widths[i] + 2);
        line.erase(line.find_last_not_of(' ') + 1);
        text += printable(line) + '\n';
    }
    return text;
}

std::string short_size_text(std::uint64_t bytes) {
    constexpr char units[] = {'B', 'K', 'M', 'G', 'T'};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
    const bool whole = value == static_cast<double>(static_cast<std::uint64_t>(value));
    return whole ? fmt::format("{}{}", static_cast<std::uint64_t>(value), units[unit])
                 : fmt::format("{:.1f}{}", value, units[unit]);
}

std::string duration_text(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::max(seconds, 0.0));
    constexpr std::uint64_t minute = 60, hour = 60 * minute, day = 24 * hour;
    if (whole < minute) return fmt::format("{}s", whole);
    if (whole < hour) return fmt::format("{}m{:02}s", whole / minute, whole % minute);
    if (whole < day) return fmt::format("{}h{:02}m", whole / hour, whole % hour / minute);
    return fmt::format("{}d{:02}h", whole / day, whole % day / hour);
}

}  // namespace hv
