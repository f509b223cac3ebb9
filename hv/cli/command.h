// SPDX-License-Identifier: Apache-2.0
// One of hv's commands, as far as the file that defines it has to know: its options, and what it does.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "hv/core/error.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hv {

/// The command's action once its options are known; it owns them. It returns hv's exit code.
using CommandAction = std::function<Result<int>()>;

/// An option that was added; each call says more of it. The parser owns it.
class Option {
public:
    explicit Option(CLI::Option& option) : option_(&option) {}

    /// The name of its value in help: "SECONDS".
    Option& takes(const char* value_name);
    /// What help says of its absence; show_default() says the variable's value of now.
    Option& defaults_to(const std::string& text);
    Option& show_default();
    Option& required();
    /// Each time it is given it takes one value, not all that follow.
    Option& one_at_a_time();
    /// Others are refused, with the option's name. Help says so.
    Option& within(std::uint64_t least, std::uint64_t most);

private:
    CLI::Option* option_;
};

/// Options and positional arguments are written to variables, which the command's action owns: the parser's library
/// takes seconds to compile, so only command.cpp knows it. `names` as in "-t,--timeout"; without hyphens: positional.
class Command {
public:
    explicit Command(CLI::App& app) : app_(app) {}

    /// An empty value is refused.
    Option option(const char* names, std::string& value, const char* meaning);
    /// A value that may be empty.
    Option text(const char* names, std::string& value, const char* meaning);
    Option option(const char* names, std::vector<std::string>& values, const char* meaning);
    Option option(const char* names, std::uint32_t& value, const char* meaning);
    Option option(const char* names, std::uint64_t& value, const char* meaning);
    Option option(const char* names, double& value, const char* meaning);
    /// Positional, and with it all words behind `--`, whatever positional arguments stand ahead of it.
    void rest(const char* name, std::vector<std::string>& values, const char* meaning);
    /// Where rest()'s words go; null: the command has none.
    [[nodiscard]] std::vector<std::string>* rest_values() const { return rest_; }
    void flag(const char* names, bool& value, const char* meaning);
    /// Text below the options.
    void footer(const std::string& text);
    /// --format table|json, and --json for short. `json`: what was chosen; its value of now is the default.
    void format(bool& json, const char* meaning = "As JSON");
    /// The same for a command that prints nothing but JSON.
    void json_only();
    /// The option that nearly all commands have.
    void run_directory(std::string& value);

private:
    CLI::App& app_;
    std::vector<std::string>* rest_ = nullptr;
};

}  // namespace hv
