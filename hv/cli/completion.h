// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells, made from the tree of commands, so that they cannot be untrue.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace hv {

/// For bash; zsh takes it, too. `app` has all commands.
[[nodiscard]] std::string bash_completion(const CLI::App& app);
[[nodiscard]] std::string fish_completion(const CLI::App& app);

}  // namespace hv
