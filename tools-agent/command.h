// SPDX-License-Identifier: Apache-2.0
// A command, and the state that commands share.
#pragma once

#include <expected>
#include <span>
#include <string_view>

#include "tools-agent/freeze.h"
#include "tools-agent/guest.h"
#include "tools-agent/load.h"
#include "tools-agent/rates.h"
#include "tools-agent/request.h"

namespace tenon::tools {

struct Context {
    Guest& guest;
    Freeze freeze;
    LoadAverage load;
    InterfaceRates rates;
};

/// The value of "return".
using Reply = std::expected<Json, CommandError>;

struct Parameter {
    enum class Type { integer, string, list };
    const char* name;
    Type type;
    bool required = true;
};

struct Command {
    std::string_view name;
    Reply (*run)(Context& context, const Json& arguments);
    std::span<const Parameter> parameters = {};
    bool answers_success = true;  ///< false: there is no answer; the host sees what happens to the machine
    bool while_frozen = false;
    bool delimited = false;  ///< the sentinel precedes the answer
};

/// All commands, in order of their groups.
[[nodiscard]] std::span<const Command> commands();
/// Null: there is no such command.
[[nodiscard]] const Command* find_command(std::string_view name);
/// Checks the arguments against the command's parameters. The error names the first that is wrong.
[[nodiscard]] std::expected<void, CommandError> check_arguments(const Command& command, const Json& arguments);

/// The version that the agent reports: that of the QEMU whose commands it knows.
inline constexpr char protocol_version[] = "10.0.0";

}  // namespace tenon::tools
