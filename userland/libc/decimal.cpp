// SPDX-License-Identifier: Apache-2.0
// The exact decimal digits of a floating-point number.
#include "userland/libc/decimal.h"

#include <bit>
#include <cfloat>
#include <cstring>

namespace tenon::libc {

static_assert(LDBL_MANT_DIG == 64 && LDBL_MAX_EXP == 16384);

Decimal::Decimal(long double value) {
    // The x87's format: a significand of 64 bits, then exponent and sign (Intel SDM volume 1, 4.2.2).
    std::uint64_t significand = 0;
    std::uint16_t biased = 0;
    std::memcpy(&significand, &value, sizeof(significand));
    std::memcpy(&biased, reinterpret_cast<const char*>(&value) + sizeof(significand), sizeof(biased));
    constexpr int bias = 16383 + 63;
    const int zeros = std::countr_zero(significand);
    significand >>= zeros;
    const int exponent = (biased == 0 ? 1 : biased) - bias + zeros;

    for (; significand != 0; significand /= limb_base)
        limbs_[limb_count_++] = static_cast<std::uint32_t>(significand % limb_base);
    if (exponent > 0)
        multiply_by_power(2, exponent, 1U << 29, 29);
    else
        multiply_by_power(5, -exponent, 1'220'703'125, 13);

    digit_count_ = (limb_count_ - 1) * limb_digits;
    for (std::uint32_t top = limbs_[limb_count_ - 1]; top != 0; top /= 10) ++digit_count_;
    point_ = static_cast<int>(digit_count_) + (exponent < 0 ? exponent : 0);
}

void Decimal::multiply(std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i != limb_count_; ++i) {
        carry += std::uint64_t{limbs_[i]} * factor;
        limbs_[i] = static_cast<std::uint32_t>(carry % limb_base);
        carry /= limb_base;
    }
    for (; carry != 0; carry /= limb_base) limbs_[limb_count_++] = static_cast<std::uint32_t>(carry % limb_base);
}

void Decimal::multiply_by_power(std::uint32_t base, int exponent, std::uint32_t step_factor, int step) {
    for (; exponent >= step; exponent -= step) multiply(step_factor);
    for (; exponent != 0; --exponent) multiply(base);
}

char Decimal::digit(std::size_t index) const {
    const std::size_t place = digit_count_ - 1 - index;
    std::uint32_t limb = limbs_[place / limb_digits];
    for (std::size_t i = place % limb_digits; i != 0; --i) limb /= 10;
    return static_cast<char>('0' + limb % 10);
}

/// The digits from `index` on are more than half of the digit before, or exactly half of an odd one.
bool Decimal::is_above_half(std::size_t index, bool odd) const {
    if (digit(index) != '5') return digit(index) > '5';
    while (++index != digit_count_)
        if (digit(index) != '0') return true;
    return odd;
}

std::size_t Decimal::round(int count, char* text) {
    if (count < 0) return 0;
    std::size_t size = 0;
    for (; size != static_cast<std::size_t>(count) && size != digit_count_; ++size) text[size] = digit(size);
    if (size != digit_count_ && is_above_half(size, size != 0 && (text[size - 1] & 1) != 0)) {
        while (size != 0 && text[size - 1] == '9') --size;
        if (size != 0) {
            ++text[size - 1];
        } else {
            text[size++] = '1';
            ++point_;
        }
    }
    while (size != 0 && text[size - 1] == '0') --size;
    return size;
}

}  // namespace tenon::libc
