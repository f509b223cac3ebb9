// SPDX-License-Identifier: Apache-2.0
// Rates as people write and read them.
#include "hv/cli/rate_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "hv/cli/machine_client.h"
#include "hv/cli/values.h"
#include "hv/core/text.h"

namespace hv {

namespace {

constexpr std::uint64_t default_burst_ms = 100;
constexpr std::uint64_t least_default_burst = 64 << 10;
constexpr std::uint64_t least_bandwidth = 1 << 10;
constexpr std::uint64_t most = 1ULL << 50;

std::unexpected<Error> wrong(std::string_view text, const std::string& why, std::string_view form) {
    return fail(ErrorKind::usage, fmt::format("rate '{}': {} ({})", text, why, form));
}

std::unexpected<Error> wrong_bandwidth(std::string_view text, const std::string& why) {
    return wrong(text, why, "AVERAGE[:PEAK[:BURST]] in bytes per second and bytes, as in 10M or 10M:20M:4M; or none");
}

/// The exact rate, and a burst that is rounded up to whole milliseconds of it.
TokenLimit token_limit(std::uint64_t per_second, std::uint64_t burst) {
    constexpr std::uint64_t ms_per_second = 1000;
    const std::uint64_t refill_ms = std::max<std::uint64_t>(1, (burst * ms_per_second + per_second - 1) / per_second);
    return {.size = std::max<std::uint64_t>(1, per_second * refill_ms / ms_per_second), .refill_ms = refill_ms};
}

std::string rate_text(std::uint64_t per_second) { return size_text(per_second) + "/s"; }

/// Nothing where the text says nothing of it.
Result<std::optional<std::uint64_t>> bytes_of(const std::vector<std::string_view>& parts, std::size_t index) {
    if (index >= parts.size() || parts[index].empty()) return std::nullopt;
    TRY(const std::uint64_t bytes, parse_size(parts[index]));
    return bytes;
}

}  // namespace

Result<Bandwidth> parse_bandwidth(std::string_view text) {
    if (text == "none") return Bandwidth();
    const std::vector<std::string_view> parts = split(text, ':');
    const auto average = bytes_of(parts, 0), peak = bytes_of(parts, 1), burst = bytes_of(parts, 2);
    for (const auto* part : {&average, &peak, &burst})
        if (!*part) return wrong_bandwidth(text, part->error().message);
    if (parts.size() > 3 || !*average) return wrong_bandwidth(text, "an average is needed, and a burst comes last");
    const std::uint64_t rate = **average;
    if (rate < least_bandwidth) return wrong_bandwidth(text, "the average is below 1K");
    if (*peak && **peak < rate) return wrong_bandwidth(text, "the peak is below the average");
    if (*burst && **burst == 0) return wrong_bandwidth(text, "a burst of nothing");
    if (std::max({rate, peak->value_or(0), burst->value_or(0)}) > most) return wrong_bandwidth(text, "too large");
    const std::uint64_t given = burst->value_or(std::max(rate * default_burst_ms / 1000, least_default_burst));
    return Bandwidth{token_limit(rate, given), peak->value_or(0)};
}

Result<std::optional<TokenLimit>> parse_operations(std::string_view text, const char* what) {
    if (text == "none") return std::nullopt;
    const auto wrong_operations = [text, what](const std::string& why) {
        return wrong(text, why, fmt::format("RATE[:BURST] in {0} per second and {0}, as in 1000; or none", what));
    };
    const std::vector<std::string_view> parts = split(text, ':');
    const auto rate = parse_number(parts[0]);
    const auto burst = parts.size() > 1 ? parse_number(parts[1]) : std::optional<std::uint64_t>(0);
    if (parts.size() > 2 || !rate || !burst) return wrong_operations("not a number");
    if (*rate == 0 || (parts.size() > 1 && *burst == 0)) return wrong_operations("nothing would pass");
    if (std::max(*rate, *burst) > most) return wrong_operations("too large");
    const std::uint64_t by_default = std::max<std::uint64_t>(*rate * default_burst_ms / 1000, 1);
    return token_limit(*rate, parts.size() > 1 ? *burst : by_default);
}

std::string rate_limiter_text(const Json& limiter, std::string_view operations) {
    const auto part = [&limiter](const char* key) {
        return limiter.is_object() && limiter.contains(key) ? limiter[key] : Json::object();
    };
    const auto per_second = [](const Json& bucket) {
        const std::uint64_t refill = number_of(bucket, "refill_time");
        if (refill == 0) return std::uint64_t{0};
        return static_cast<std::uint64_t>(
            std::llround(static_cast<double>(number_of(bucket, "size")) * 1000 / static_cast<double>(refill)));
    };
    std::vector<std::string> parts;
    const Json bandwidth = part("bandwidth"), tenon = part("tenon"), packets = part("ops");
    if (const std::uint64_t rate = per_second(bandwidth); rate != 0) parts.push_back(rate_text(rate));
    if (const std::uint64_t peak = number_of(tenon, "peak"); peak != 0) parts.push_back("peak " + rate_text(peak));
    if (per_second(bandwidth) != 0) parts.push_back("burst " + size_text(number_of(bandwidth, "size")));
    if (const std::uint64_t rate = per_second(packets); rate != 0)
        parts.push_back(fmt::format("{} {}/s", rate, operations));
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace hv
