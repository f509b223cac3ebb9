// SPDX-License-Identifier: Apache-2.0
// Limits of a network in words.
#include "hv/cli/net_limit_option.h"

#include <algorithm>

#include "hv/cli/rate_values.h"
#include "hv/machine/rate_limits_config.h"

namespace hv {

Result<bool> add_net_limit(std::string_view key, std::string_view value, Json& interface) {
    if (std::ranges::find(net_limit_keys, key) == net_limit_keys.end()) return false;
    Json& limiter = interface[key.starts_with("rx") ? "rx_rate_limiter" : "tx_rate_limiter"];
    if (key.ends_with("-packets")) {
        TRY(const auto packets, parse_operations(value));
        limiter["ops"] = token_limit_json(packets);
    } else {
        TRY(const Bandwidth bandwidth, parse_bandwidth(value));
        limiter["bandwidth"] = token_limit_json(bandwidth.average);
        limiter["tenon"] = peak_json(bandwidth.peak);
    }
    return true;
}

}  // namespace hv
