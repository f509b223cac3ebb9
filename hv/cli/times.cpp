// SPDX-License-Identifier: Apache-2.0
// Durations and dates of command line options.
#include "hv/cli/times.h"

#include <fmt/format.h>

#include <ctime>
#include <optional>
#include <string>

#include "hv/core/text.h"

namespace hv {

namespace {

constexpr std::int64_t most_seconds = 1LL << 40;

/// Seconds of "2h30m": units from large to small, each once.
std::optional<std::int64_t> parse_duration(std::string_view text) {
    struct Unit {
        char letter;
        std::int64_t seconds;
    };
    constexpr Unit units[] = {{'d', 86'400}, {'h', 3600}, {'m', 60}, {'s', 1}};
    std::int64_t sum = 0;
    const Unit* next = units;
    while (!text.empty()) {
        const std::size_t digits = text.find_first_not_of("0123456789");
        if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
        const auto number = parse_number(text.substr(0, digits));
        while (next != std::end(units) && next->letter != text[digits]) ++next;
        if (next == std::end(units) || !number || *number > static_cast<std::uint64_t>(most_seconds / next->seconds))
            return std::nullopt;
        sum += static_cast<std::int64_t>(*number) * next->seconds;
        ++next;
        text.remove_prefix(digits + 1);
    }
    return sum;
}

/// Milliseconds of ".123", or of nothing.
std::optional<std::int64_t> parse_fraction(std::string_view text) {
    if (text.empty()) return 0;
    if (text.front() != '.' || text.size() < 2 || text.size() > 10 || !parse_number(text.substr(1)))
        return std::nullopt;
    std::string three(text.substr(1, 3));
    three.resize(3, '0');
    return static_cast<std::int64_t>(*parse_number(three));
}

/// Milliseconds since 1970 of a date, with or without a time of day.
std::optional<std::int64_t> parse_date(std::string text) {
    const bool utc = text.ends_with('Z');
    if (utc) text.pop_back();
    for (const char* form :
         {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
        tm parts{};
        const char* const rest = strptime(text.c_str(), form, &parts);
        const bool has_seconds = std::string_view(form).ends_with("%S");
        if (rest == nullptr || (*rest != '\0' && !has_seconds)) continue;
        const auto fraction = parse_fraction(rest);
        if (!fraction) return std::nullopt;
        parts.tm_isdst = -1;
        const int day = parts.tm_mday;
        const time_t seconds = utc ? timegm(&parts) : mktime(&parts);
        // The 31st of a shorter month has become a day of the next one.
        if (parts.tm_mday != day) return std::nullopt;
        return static_cast<std::int64_t>(seconds) * 1000 + *fraction;
    }
    return std::nullopt;
}

}  // namespace

Result<std::int64_t> parse_time(std::string_view option, std::string_view text, std::int64_t now_ms) {
    if (text.starts_with('@')) {
        const auto seconds = parse_number(text.substr(1));
        if (seconds && *seconds <= static_cast<std::uint64_t>(most_seconds))
            return static_cast<std::int64_t>(*seconds) * 1000;
    } else if (!text.empty()) {
        if (const auto ago = parse_duration(text)) return now_ms - *ago * 1000;
        if (const auto date = parse_date(std::string(text))) return *date;
    }
    return fail(ErrorKind::usage,
                fmt::format("{} '{}': not a time (as in 10m, 2h30m, 2026-11-30, 2026-11-30T05:52:12Z or @1796017932)",
                            option, text));
}

}  // namespace hv
