// SPDX-License-Identifier: Apache-2.0
// The option ip= of a kernel's command line, as Tenon reads it: the same line serves both systems.
#pragma once

#include <netinet/in.h>

#include <optional>
#include <string_view>

namespace pvbench {

struct InterfaceOption {
    in_addr address, mask;
    in_addr gateway;  ///< 0.0.0.0: none
};

/// The last `ip=ADDRESS/PREFIX[,GATEWAY]` of the command line; nothing if there is none, or a wrong one.
[[nodiscard]] std::optional<InterfaceOption> find_interface_option(std::string_view command_line);

}  // namespace pvbench
