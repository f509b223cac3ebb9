// SPDX-License-Identifier: Apache-2.0
// Tables, sizes and durations for a person's eyes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hv {

/// Columns as wide as their widest cell, with two spaces between. What a terminal would obey in a cell is replaced.
class Table {
public:
    explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
    /// As many cells as the header has.
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// "64M", "1.5G": powers of 1024, at most one decimal.
[[nodiscard]] std::string short_size_text(std::uint64_t bytes);
/// "3s", "4m12s", "5h07m", "12d03h".
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace hv
