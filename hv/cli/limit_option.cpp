// SPDX-License-Identifier: Apache-2.0
// Limits of a network or a disk in words.
#include "hv/cli/limit_option.h"

#include <algorithm>

#include "hv/cli/rate_values.h"
#include "hv/machine/drives_config.h"
#include "hv/machine/rate_limits_config.h"

namespace hv {

namespace {

Result<> limit_operations(std::string_view value, const char* what, Json& limiter) {
    TRY(const auto operations, parse_operations(value, what));
    limiter["ops"] = token_limit_json(operations);
    return {};
}

Result<> limit_bandwidth(std::string_view value, Json& limiter) {
    TRY(const Bandwidth bandwidth, parse_bandwidth(value));
    limiter["bandwidth"] = token_limit_json(bandwidth.average);
    limiter["tenon"] = peak_json(bandwidth.peak);
    return {};
}

}  // namespace

Result<bool> add_net_limit(std::string_view key, std::string_view value, Json& interface) {
    if (std::ranges::find(net_limit_keys, key) == net_limit_keys.end()) return false;
    Json& limiter = interface[key.starts_with("rx") ? "rx_rate_limiter" : "tx_rate_limiter"];
    if (key.ends_with("-packets"))
        CHECK(limit_operations(value, "packets", limiter));
    else
        CHECK(limit_bandwidth(value, limiter));
    return true;
}

Result<bool> add_disk_limit(std::string_view key, std::string_view value, Json& drive) {
    if (std::ranges::find(disk_limit_keys, key) == disk_limit_keys.end()) return false;
    Json& limiter = drive[drive_limiter_key];
    if (key == "iops")
        CHECK(limit_operations(value, "requests", limiter));
    else
        CHECK(limit_bandwidth(value, limiter));
    return true;
}

Result<bool> take_limit(std::string_view word, Result<bool> (*add)(std::string_view, std::string_view, Json&),
                        Json& part) {
    const std::size_t equals = word.find('=');
    if (equals == std::string_view::npos) return false;
    return add(word.substr(0, equals), word.substr(equals + 1), part);
}

}  // namespace hv
