// SPDX-License-Identifier: Apache-2.0
// Numbers with units.
#include "images/pvbench/report/quantity.h"

#include <fmt/format.h>

#include <span>

namespace pvbench {

namespace {

/// Three significant digits at least, no exponent.
std::string digits(double value) {
    if (value == 0) return "0";
    if (value < 0.01) return fmt::format("{:.1e}", value);
    const int decimals = value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0;
    return fmt::format("{:.{}f}", value, decimals);
}

struct Step {
    double size;
    std::string_view name;
};

/// In the largest of `steps`, which rise, that the value reaches.
std::string in_steps(double value, std::span<const Step> steps) {
    const Step* step = &steps.front();
    for (const Step& next : steps)
        if (value >= next.size) step = &next;
    return fmt::format("{} {}", digits(value / step->size), step->name);
}

constexpr Step nanoseconds[] = {{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}};
constexpr Step megabytes[] = {{1, "MB/s"}, {1e3, "GB/s"}};
constexpr Step per_second[] = {{1, "/s"}, {1e3, "k/s"}, {1e6, "M/s"}};
constexpr Step bytes[] = {{1, "B"}, {1024, "KiB"}, {1024 * 1024, "MiB"}, {1024 * 1024 * 1024, "GiB"}};

}  // namespace

std::string quantity_text(double value, std::string_view unit) {
    if (unit == "ns") return in_steps(value, nanoseconds);
    if (unit == "us") return in_steps(value * 1000, nanoseconds);
    if (unit == "MB/s") return in_steps(value, megabytes);
    if (unit == "1/s") return in_steps(value, per_second);
    if (unit == "bytes") return in_steps(value, bytes);
    return fmt::format("{} {}", digits(value), unit);
}

std::string ratio_text(double ratio) { return digits(ratio) + "x"; }

}  // namespace pvbench
