// SPDX-License-Identifier: Apache-2.0
// Information about a machine, for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hv {

/// `info` as machine_info() makes it; what is absent has no line. What a terminal would obey is replaced.
[[nodiscard]] std::string info_text(const nlohmann::ordered_json& info);

}  // namespace hv
