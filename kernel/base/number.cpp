// SPDX-License-Identifier: Apache-2.0
// Numbers from text.
#include "kernel/base/number.h"

namespace tenon {

std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (; digits < text.size(); digits++) {
        const char c = text[digits];
        std::uint64_t digit;
        if (c >= '0' && c <= '9')
            digit = static_cast<std::uint64_t>(c - '0');
        else if (base == 16 && (c | 32) >= 'a' && (c | 32) <= 'f')
            digit = static_cast<std::uint64_t>((c | 32) - 'a' + 10);
        else
            break;
        if (__builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, digit, &value))
            return std::nullopt;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    constexpr std::string_view suffixes = "KMG";
    if (!text.empty()) {
        if (const std::size_t suffix = suffixes.find(static_cast<char>(text[0] & ~32)); suffix != suffixes.npos) {
            if (__builtin_mul_overflow(value, 1ULL << (10 * (suffix + 1)), &value)) return std::nullopt;
            text.remove_prefix(1);
        }
    }
    return value;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    const auto value = take_number(text);
    return text.empty() ? value : std::nullopt;
}

}  // namespace tenon
