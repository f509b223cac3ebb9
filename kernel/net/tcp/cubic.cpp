// SPDX-License-Identifier: Apache-2.0
// CUBIC, in integers.
#include "kernel/net/tcp/cubic.h"

#include <algorithm>

namespace tenon::net {
namespace {

// C = 0.4 segments/s^3. With times in ms: segments = ms^3 / cubic_divisor.
constexpr std::uint64_t cubic_divisor = 2'500'000'000;
constexpr std::uint32_t longest_time = 200'000;  // ms: its third power times a segment fits 64 bits

std::uint64_t cube_root(std::uint64_t value) {
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 20; bit != 0; bit >>= 1) {
        const std::uint64_t next = root | bit;
        if (next * next * next <= value) root = next;
    }
    return root;
}

}  // namespace

std::uint32_t Cubic::shrink(std::uint32_t window) {
    // Another one that has begun in the meantime gets room sooner (section 4.7).
    largest_ = window < largest_ ? window / 20 * 17 : window;
    in_epoch_ = false;
    return std::max(window / 10 * 7, 2 * segment_);
}

void Cubic::restore(std::uint32_t window) {
    largest_ = std::max(largest_, window);
    in_epoch_ = false;
}

void Cubic::begin_epoch(std::uint32_t window, std::uint32_t now) {
    in_epoch_ = true;
    epoch_ = now;
    reno_ = std::uint64_t{window} << 10;
    rest_ = 0;
    origin_ = std::max(window, largest_);
    const std::uint64_t missing = origin_ - window;
    plateau_ = static_cast<std::uint32_t>(cube_root(missing * cubic_divisor / segment_));
}

std::uint32_t Cubic::grow(std::uint32_t window, std::uint32_t acknowledged, std::uint32_t now,
                          std::uint32_t round_trip) {
    if (!in_epoch_) begin_epoch(window, now);
    // The curve's value a round trip from now (section 4.2).
    const std::int64_t since = std::int64_t{now - epoch_} + round_trip - plateau_;
    const auto distance = static_cast<std::uint64_t>(std::min<std::int64_t>(since < 0 ? -since : since, longest_time));
    const std::uint64_t change = distance * distance * distance / cubic_divisor * segment_ +
                                 distance * distance * distance % cubic_divisor * segment_ / cubic_divisor;
    const std::uint64_t curve = since >= 0 ? origin_ + change : origin_ - std::min<std::uint64_t>(change, origin_);
    const std::uint64_t target = std::clamp<std::uint64_t>(curve, window, std::uint64_t{window} + window / 2);
    rest_ += (target - window) * acknowledged;
    const std::uint64_t cubic = window + rest_ / window;
    rest_ %= window;
    // Never slower than Reno with the same loss (section 4.3).
    const std::uint64_t share = (std::uint64_t{acknowledged} * segment_ << 10) / window;
    reno_ += (reno_ >> 10) < largest_ ? share / 17 * 9 : share;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(std::max(cubic, reno_ >> 10), UINT32_MAX / 4));
}

}  // namespace tenon::net
