// SPDX-License-Identifier: Apache-2.0
// JSON for Modern C++, as the agent uses it: without streams, members in the order in which they were written.
#pragma once

#define JSON_NO_IO 1
#define JSON_USE_IMPLICIT_CONVERSIONS 0
#include <nlohmann/json.hpp>

namespace tenon::tools {

using Json = nlohmann::ordered_json;

}  // namespace tenon::tools
