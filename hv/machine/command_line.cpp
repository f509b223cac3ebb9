// SPDX-License-Identifier: Apache-2.0
// The guest's command line.
#include <fmt/format.h>

#include "hv/machine/config.h"
#include "hypercall/start_info.h"

namespace hv {

namespace {

/// As kernel/options/command_line.cpp reads it: double quotes group, and a backslash inside of them takes the meaning
/// from a quote or backslash.
std::string in_quotes(const std::string& argument) {
    if (!argument.empty() && argument.find_first_of(" \t\n\v\f\r\"") == std::string::npos) return argument;
    std::string quoted = "\"";
    for (const char character : argument) {
        if (character == '"' || character == '\\') quoted += '\\';
        quoted += character;
    }
    return quoted + '"';
}

}  // namespace

Result<std::string> command_line_of(const MachineConfig& config) {
    std::string line = config.kernel_options;
    if (!config.arguments.empty()) {
        // Options that come with arguments of their own are continued, not started again.
        const bool has_separator =
            line == "--" || line.starts_with("-- ") || line.ends_with(" --") || line.contains(" -- ");
        if (!has_separator) line += line.empty() ? "--" : " --";
        for (const std::string& argument : config.arguments) {
            if (argument.contains('\0')) return fail(ErrorKind::usage, "an argument contains a zero byte");
            line += ' ';
            line += in_quotes(argument);
        }
    }
    constexpr std::size_t limit = sizeof(tenon::abi::StartInfo::command_line) - 1;
    if (line.size() > limit)
        return fail(ErrorKind::usage, fmt::format("the guest's command line has {} bytes, the limit is {} (shorten the "
                                                  "arguments, or put them into a file of the image)",
                                                  line.size(), limit));
    return line;
}

}  // namespace hv
