// SPDX-License-Identifier: Apache-2.0
// A request: a command and its arguments.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "tools-agent/json.h"

namespace tenon::tools {

/// An error for the host. Clients treat CommandNotFound as "not supported", and any other class as a failure.
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
    Json id;         ///< returned with the answer; discarded if there was none
};

/// Limits the memory that a request takes.
inline constexpr std::size_t most_values = 4096;

/// Throws nothing but std::bad_alloc.
[[nodiscard]] std::expected<Request, CommandError> parse_request(std::string_view text);

}  // namespace tenon::tools
