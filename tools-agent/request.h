// SPDX-License-Identifier: Apache-2.0
// A request: what is to be executed, with which arguments.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "tools-agent/json.h"

namespace tenon::tools {

/// What the host is told. Clients take CommandNotFound for "not supported", and anything else for a failure.
struct CommandError {
    const char* kind;  ///< QMP's error class: "GenericError" or "CommandNotFound"
    std::string text;
};
[[nodiscard]] inline std::unexpected<CommandError> failure(std::string text) {
    return std::unexpected(CommandError{"GenericError", std::move(text)});
}

struct Request {
    std::string command;
    Json arguments;  ///< an object
    Json id;         ///< goes back with the answer; discarded if there was none
};

/// A request has at most this many values: each takes memory.
inline constexpr std::size_t most_values = 4096;

/// Throws nothing but std::bad_alloc.
[[nodiscard]] std::expected<Request, CommandError> parse_request(std::string_view text);

}  // namespace tenon::tools
