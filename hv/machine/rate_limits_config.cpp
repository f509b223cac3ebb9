// SPDX-License-Identifier: Apache-2.0
// Rate limits as JSON.
#include "hv/machine/rate_limits_config.h"

#include <fmt/format.h>

#include <limits>

namespace hv {

namespace {

constexpr std::uint64_t most_tokens = std::numeric_limits<std::uint64_t>::max() >> 1;
/// A time in ns fits its type.
constexpr std::uint64_t most_ms = most_tokens / 1'000'000;

Result<> read_bucket(const Json& value, const std::string& name, const JsonSection::Origin& origin,
                     std::optional<TokenLimit>& limit) {
    TRY(JsonSection section, JsonSection::open(value, name, origin));
    TRY(const auto size, section.take_number("size", 0, most_tokens));
    TRY(const auto burst, section.take_number("one_time_burst", 0, most_tokens));
    TRY(const auto refill, section.take_number("refill_time", 0, most_ms));
    CHECK(section.finish());
    if (!size || !refill) return section.wrong(fmt::format("'{}' needs 'size' and 'refill_time'", name));
    limit.reset();
    if (*size != 0 && *refill != 0) limit = {.size = *size, .refill_ms = *refill, .one_time_burst = burst.value_or(0)};
    return {};
}

Result<> read_peak(const Json& value, const std::string& name, const JsonSection::Origin& origin, std::uint64_t& peak) {
    TRY(JsonSection section, JsonSection::open(value, name, origin));
    TRY(const auto bytes, section.take_number("peak", 0, most_tokens));
    CHECK(section.finish());
    peak = bytes.value_or(peak);
    return {};
}

Result<> read_limiter(const Json& value, const std::string& name, const JsonSection::Origin& origin,
                      RateLimits& limits) {
    TRY(JsonSection section, JsonSection::open(value, name, origin));
    if (const Json* bandwidth = section.take("bandwidth"))
        CHECK(read_bucket(*bandwidth, section.path("bandwidth"), origin, limits.bandwidth));
    if (const Json* operations = section.take("ops"))
        CHECK(read_bucket(*operations, section.path("ops"), origin, limits.operations));
    if (const Json* tenon = section.take("tenon")) CHECK(read_peak(*tenon, section.path("tenon"), origin, limits.peak));
    CHECK(section.finish());
    if (limits.peak != 0 && limits.bandwidth && static_cast<double>(limits.peak) < limits.bandwidth->per_second())
        return section.wrong(fmt::format("'{}': its peak is below its average", name));
    return {};
}

Json limiter_json(const RateLimits& limits) {
    Json json = Json::object();
    if (limits.bandwidth) json["bandwidth"] = token_limit_json(limits.bandwidth);
    if (limits.operations) json["ops"] = token_limit_json(limits.operations);
    if (limits.peak != 0) json["tenon"] = peak_json(limits.peak);
    return json;
}

struct Key {
    const char* name;
    RateLimits NetLimits::*limits;
};
constexpr Key keys[] = {{"rx_rate_limiter", &NetLimits::rx}, {"tx_rate_limiter", &NetLimits::tx}};

}  // namespace

Result<> read_rate_limits(JsonSection& section, const char* key, const JsonSection::Origin& origin,
                          RateLimits& limits) {
    const Json* limiter = section.take(key);
    return limiter == nullptr ? Result<>() : read_limiter(*limiter, section.path(key), origin, limits);
}

void add_rate_limits(Json& section, const char* key, const RateLimits& limits) {
    if (Json limiter = limiter_json(limits); !limiter.empty()) section[key] = std::move(limiter);
}

Result<> read_net_limits(JsonSection& interface, const JsonSection::Origin& origin, NetLimits& limits) {
    for (const Key& key : keys) CHECK(read_rate_limits(interface, key.name, origin, limits.*key.limits));
    return {};
}

void add_net_limits(Json& interface, const NetLimits& limits) {
    for (const Key& key : keys) add_rate_limits(interface, key.name, limits.*key.limits);
}

Json token_limit_json(const std::optional<TokenLimit>& limit) {
    const TokenLimit shown = limit.value_or(TokenLimit());
    Json json = {{"size", shown.size}, {"refill_time", shown.refill_ms}};
    if (shown.one_time_burst != 0) json["one_time_burst"] = shown.one_time_burst;
    return json;
}

Json peak_json(std::uint64_t peak) { return {{"peak", peak}}; }

}  // namespace hv
