// SPDX-License-Identifier: Apache-2.0
// JSON that another side wrote (a guest's agent, a client of the control socket, a configuration file), and JSON for
// people.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "hv/core/error.h"

namespace hv {

/// Limits on a text. It is checked before anything is built from it: the result is written, compared and destroyed by
/// recursion, and finding a key of an object takes time by the number of its members.
struct JsonLimits {
    std::size_t bytes = 1 << 20;
    std::size_t depth = 32;       ///< arrays and objects within each other
    std::size_t values = 65'536;  ///< all together
    std::size_t members = 1024;   ///< of one object
    bool comments = false;        ///< as in C, in a file that a person wrote
};

/// Error: usage; the message goes on after the name of what was parsed: "is not JSON", "nests deeper than 32 levels".
[[nodiscard]] Result<nlohmann::ordered_json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// The member `key`; null if `json` is no object or has no such member.
[[nodiscard]] const nlohmann::ordered_json& member_of(const nlohmann::ordered_json& json, std::string_view key);

/// The text that a command prints, without a line's end. It is ASCII: a terminal would obey some other characters, and
/// another side may have chosen them. `indent` -1: on one line.
[[nodiscard]] std::string printed_json(const nlohmann::ordered_json& json, int indent = 2);

}  // namespace hv
