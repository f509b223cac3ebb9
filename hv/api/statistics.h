// SPDX-License-Identifier: Apache-2.0
// What /stats has to say: every value's name, by subject, whether it can fall, and its meaning.
#pragma once

#include <span>
#include <string_view>

namespace hv {

struct Statistic {
    enum class Kind { counter, gauge, text };
    /// "net.rx_bytes": the subject and the value. `hv stat` prints them in this order. Of a disk, "disk.vda.reads" is
    /// "blk.reads".
    std::string_view name;
    Kind kind;  ///< counter: it only grows, until the machine's hv is started anew; text: no number
    std::string_view meaning;
};

/// All of them, subject by subject.
[[nodiscard]] std::span<const Statistic> statistics();

/// Null: there is no such value.
[[nodiscard]] const Statistic* find_statistic(std::string_view subject, std::string_view value);

}  // namespace hv
