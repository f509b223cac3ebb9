// SPDX-License-Identifier: Apache-2.0
// hv's commands as a tree of CLI11: what is parsed, and what help, completion and the manual page are made from.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string_view>
#include <utility>
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
    /// Does what the command that was parsed says.
    Result<int> run() const;

private:
    CLI::App app_;
    std::vector<std::pair<const CLI::App*, CommandAction>> actions_;
};

}  // namespace hv
