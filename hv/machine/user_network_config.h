// SPDX-License-Identifier: Apache-2.0
// A user-mode network in a configuration: Firecracker has none.
#pragma once

#include "hv/core/error.h"
#include "hv/core/json_section.h"
#include "hv/machine/network_config.h"

namespace hv {

/// Errors: usage, naming the key (there is another network already, a wrong port).
Result<> read_user_network(const Json& value, NetConfig& net);

[[nodiscard]] Json user_network_json(const NetConfig& net);

}  // namespace hv
