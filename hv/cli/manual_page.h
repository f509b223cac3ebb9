// SPDX-License-Identifier: Apache-2.0
// The manual page hv(1), made from the tree of commands, so that it cannot be untrue.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace hv {

/// `app` has all commands.
[[nodiscard]] std::string manual_page(const CLI::App& app);

}  // namespace hv
