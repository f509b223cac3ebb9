// SPDX-License-Identifier: Apache-2.0
// A guest's command line, as text and as what it says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hv/core/error.h"

namespace hv {

/// Words without their quotes.
struct CommandLine {
    std::vector<std::string> kernel_options{};  ///< ahead of `--`; but for the environment
    std::vector<std::string> environment{};     ///< NAME=VALUE, each name once: options of the form env=NAME=VALUE
    std::vector<std::string> arguments{};       ///< of the program, without argv[0]

    /// Adds a variable, or replaces the one of that name. Errors: usage ("NAME=VALUE" is not what it is).
    Result<> set_variable(std::string_view setting);
    /// Adds what `text` says. Arguments, if it has any, replace those of before.
    /// Errors: usage (a quote that does not end, a variable without a name).
    Result<> add(std::string_view text);

    bool operator==(const CommandLine&) const = default;
};

/// As kernel/options/command_line.cpp reads it: words with spaces stand in double quotes, and a backslash inside of
/// them takes the meaning from a quote or backslash.
[[nodiscard]] std::string command_line_text(const CommandLine& line);

/// Whether a guest can take all of it. Errors: usage, naming the limit.
Result<> check_command_line(const CommandLine& line);

}  // namespace hv
