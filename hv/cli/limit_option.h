// SPDX-License-Identifier: Apache-2.0
// Limits of a network or a disk: words of --net and --disk, and settings of hv set.
#pragma once

#include <array>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/json_section.h"

namespace hv {

/// rx and tx take what parse_bandwidth() takes; the others what parse_operations() takes.
inline constexpr std::array<std::string_view, 4> net_limit_keys = {"rx", "tx", "rx-packets", "tx-packets"};
/// bps takes what parse_bandwidth() takes, iops what parse_operations() takes.
inline constexpr std::array<std::string_view, 2> disk_limit_keys = {"bps", "iops"};

/// Adds the limit to `interface`, or to `drive`, which is its rate limiters in JSON. False: there is no such key.
/// Errors: usage, with the value.
Result<bool> add_net_limit(std::string_view key, std::string_view value, Json& interface);
Result<bool> add_disk_limit(std::string_view key, std::string_view value, Json& drive);

/// If `word` is "KEY=VALUE" with such a key.
Result<bool> take_limit(std::string_view word, Result<bool> (*add)(std::string_view, std::string_view, Json&),
                        Json& part);

}  // namespace hv
