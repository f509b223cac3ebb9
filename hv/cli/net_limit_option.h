// SPDX-License-Identifier: Apache-2.0
// Limits of a network: words of --net, and settings of hv set.
#pragma once

#include <array>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/json_section.h"

namespace hv {

/// rx and tx take what parse_bandwidth() takes; the others what parse_operations() takes.
inline constexpr std::array<std::string_view, 4> net_limit_keys = {"rx", "tx", "rx-packets", "tx-packets"};

/// Adds the limit to `interface`, which is an interface's rate limiters in JSON. False: there is no such key.
/// Errors: usage, with the value.
Result<bool> add_net_limit(std::string_view key, std::string_view value, Json& interface);

}  // namespace hv
