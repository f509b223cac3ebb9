// SPDX-License-Identifier: Apache-2.0
// The exact decimal digits of a floating-point number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tenon::libc {

/// A binary fraction m / 2^k equals m * 5^k / 10^k: the number is kept as a large integer of decimal digits, and the
/// place of its point. Takes 5 KiB, of which usual numbers touch the beginning only.
class Decimal {
public:
    /// `value` is finite and above 0.
    explicit Decimal(long double value);

    /// Digits before the decimal point; 0 or less if the number is below 0.1.
    [[nodiscard]] int point() const { return point_; }
    /// Writes the first `count` digits to `text`, which has room for one more, rounded half to even and without zeros
    /// at the end. Returns how many there are: 0 if the number rounds to 0. A carry out of the first digit moves the
    /// point.
    std::size_t round(int count, char* text);

private:
    static constexpr std::uint32_t limb_base = 1'000'000'000;
    static constexpr std::size_t limb_digits = 9;
    /// 2^63 * 5^16445, the most that a long double needs, has 11,514 digits.
    static constexpr std::size_t most_limbs = 11'520 / limb_digits;

    void multiply(std::uint32_t factor);
    /// Multiplies by `base` to the power `exponent`, in steps of `step_factor`, which is `base` to the power `step`.
    void multiply_by_power(std::uint32_t base, int exponent, std::uint32_t step_factor, int step);
    /// Digit number `index`, counted from the first.
    [[nodiscard]] char digit(std::size_t index) const;
    [[nodiscard]] bool is_above_half(std::size_t index, bool odd) const;

    std::array<std::uint32_t, most_limbs> limbs_;  // the lowest first
    std::size_t limb_count_ = 0;
    std::size_t digit_count_ = 0;
    int point_ = 0;
};

}  // namespace tenon::libc
