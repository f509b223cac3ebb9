// SPDX-License-Identifier: Apache-2.0
// The balloon's kernel options.
#include "balloon/options.h"

#include <algorithm>

#include "balloon/held_blocks.h"
#include "kernel/base/address.h"
#include "kernel/options/number_option.h"

namespace tenon::balloon {

namespace {

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint32_t default_report_order = 4;
constexpr std::uint64_t default_report_delay_ms = 1000, longest_report_delay_ms = 3'600'000;

}  // namespace

Options read_options(std::uint64_t total_pages) {
    const std::uint64_t total = total_pages * page_size;
    const std::uint64_t floor = std::clamp(total / 64, 2 * mebibyte, 64 * mebibyte);
    return {.floor = number_option("balloon.floor", floor, total) / page_size,
            .report_order = static_cast<std::uint32_t>(
                number_option("balloon.report_order", default_report_order, HeldBlocks::largest_order)),
            .report_delay =
                number_option("balloon.report_delay", default_report_delay_ms, longest_report_delay_ms) * 1'000'000};
}

}  // namespace tenon::balloon
