// SPDX-License-Identifier: Apache-2.0
// Sizes and small values of command line options.
#include "hv/cli/values.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <optional>
#include <set>

namespace hv {

namespace {

/// The power of 1024 that a unit stands for; nothing: it is none. Memory is counted in these by everybody, whatever the
/// spelling.
std::optional<unsigned> unit_power(std::string_view unit) {
    constexpr std::string_view letters = "KMGT";
    if (unit.empty() || unit == "B" || unit == "b") return 0;
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    const std::size_t power = letters.find(upper(unit.front()));
    const std::string_view rest = unit.substr(1);
    if (power == std::string_view::npos ||
        (rest != "" && rest != "B" && rest != "b" && rest != "i" && rest != "iB" && rest != "ib"))
        return std::nullopt;
    return static_cast<unsigned>(power) + 1;
}

bool is_fraction(std::string_view text) { return text.contains('.'); }

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
    const auto wrong = [text](std::string_view why) {
        return fail(ErrorKind::usage,
                    fmt::format("size '{}': {} (a number with K, M, G or T, as in 64M, 64MiB or 1.5G)", text, why));
    };
    using Wide = unsigned __int128;
    constexpr Wide most = std::numeric_limits<std::uint64_t>::max();
    // Digits as a fraction: number / scale. Eighteen places are more than a size has.
    Wide number = 0, scale = 1;
    std::size_t at = 0;
    bool point = false, digits = false;
    for (; at < text.size(); ++at) {
        if (text[at] == '.' && !point && digits) {
            point = true;
            digits = false;
            continue;
        }
        if (text[at] < '0' || text[at] > '9') break;
        digits = true;
        if (point && scale >= 1'000'000'000'000'000'000) return wrong("too many decimal places");
        number = number * 10 + static_cast<unsigned>(text[at] - '0');
        if (point) scale *= 10;
        if (number / scale > most) return wrong("too large");
    }
    if (text.starts_with('-') || text.starts_with('+')) return wrong("a sign does not belong here");
    if (!digits) return wrong(at == text.size() || at == 0 ? "not a number" : "a digit is missing after the point");
    const std::string_view unit = text.substr(at);
    const auto power = unit_power(unit);
    if (!power) return wrong(fmt::format("'{}' is not a unit", unit));
    if (point && *power == 0) return wrong("a part of a byte");
    if (number / scale > most >> (10 * *power)) return wrong("too large");
    return static_cast<std::uint64_t>((number << (10 * *power)) / scale);
}

Result<std::uint64_t> parse_memory(std::string_view text) {
    TRY(std::uint64_t bytes, parse_size(text));
    // 1.1G is no whole number of pages, and is not meant to the byte.
    if (is_fraction(text)) bytes -= bytes % tenon::abi::page_size;
    if (const auto checked = check_memory_size(bytes); !checked)
        return fail(ErrorKind::usage, fmt::format("memory '{}': {}", text, checked.error().message));
    return bytes;
}

Result<std::uint64_t> parse_mebibytes(std::string_view option, std::string_view text) {
    auto size = parse_size(text);
    if (!size) return fail(ErrorKind::usage, fmt::format("{}: {}", option, size.error().message));
    constexpr std::uint64_t mebibyte = 1 << 20;
    const std::uint64_t bytes = is_fraction(text) ? *size - *size % mebibyte : *size;
    if (bytes == 0 || bytes % mebibyte != 0 || bytes > maximum_memory_bytes)
        return fail(ErrorKind::usage, fmt::format("{} '{}': not whole MiB, at least 1M", option, text));
    return bytes;
}

Result<std::uint64_t> parse_watchdog(std::string_view text) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    const double milliseconds = seconds * 1000;
    // Written so that what is no number at all fails, too.
    if (!is_number || !(milliseconds >= shortest_watchdog_ms && milliseconds <= longest_watchdog_ms))
        return fail(ErrorKind::usage,
                    fmt::format("--watchdog '{}': not {} to {} seconds", text,
                                static_cast<double>(shortest_watchdog_ms) / 1000, longest_watchdog_ms / 1000));
    return static_cast<std::uint64_t>(milliseconds);
}

std::string_view repeated_key(std::span<const std::string_view> words) {
    std::set<std::string_view> seen;
    for (const std::string_view word : words) {
        const std::size_t equals = word.find('=');
        if (equals == std::string_view::npos) continue;
        if (const std::string_view key = word.substr(0, equals); !seen.insert(key).second) return key;
    }
    return {};
}

}  // namespace hv
