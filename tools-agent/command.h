// SPDX-License-Identifier: Apache-2.0
// What a command is, and what it works with.
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
    bool answers_success = true;  ///< otherwise the host learns of it by what happens to the machine
    bool while_frozen = false;
    bool delimited = false;  ///< the answer has the sentinel before it
};

/// All of them, in order of their groups.
[[nodiscard]] std::span<const Command> commands();
/// Null: there is no such command.
[[nodiscard]] const Command* find_command(std::string_view name);
/// The first of the arguments that the command does not take, if there is one.
[[nodiscard]] std::expected<void, CommandError> check_arguments(const Command& command, const Json& arguments);

/// The agent's own version: that of QEMU whose commands it knows.
inline constexpr char protocol_version[] = "10.0.0";

}  // namespace tenon::tools
