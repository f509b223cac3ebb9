// SPDX-License-Identifier: Apache-2.0
// hv's commands as a tree of CLI11: what is parsed, and what help, completion and the manual page are made from.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hv/cli/command.h"
#include "hv/core/error.h"

namespace hv {

class CommandTree {
public:
    /// Only the command `named` is built, if it is one, and else all: hv starts faster without the options of others.
    /// `start_tsc`: when hv's main() began.
    CommandTree(std::string_view named, std::uint64_t start_tsc);
    CommandTree(const CommandTree&) = delete;
    CommandTree& operator=(const CommandTree&) = delete;

    [[nodiscard]] CLI::App& app() { return app_; }
    /// Errors: usage, with what was probably meant. Throws CLI::Success where help or the version was asked for.
    Result<> parse(int argc, char** argv);
    /// What the command that was parsed does; it does not need the tree.
    Result<CommandAction> action() const;

private:
    [[nodiscard]] std::unexpected<Error> wrong_words(const CLI::ParseError& error) const;

    CLI::App app_;
    struct Added {
        CLI::App* app;
        CommandAction action;
        std::vector<std::string>* rest;  ///< null: the command takes no words behind `--`
    };
    std::vector<Added> commands_;
};

/// "-f" and "--follow" of an option; nothing of a positional argument.
[[nodiscard]] std::vector<std::string> option_names(const CLI::Option& option);

/// What an option is for, with its default.
[[nodiscard]] std::string option_meaning(const CLI::Option& option);

/// The error for a word that is no command. Kind: usage.
[[nodiscard]] std::unexpected<Error> unknown_command(std::string_view word);

}  // namespace hv
