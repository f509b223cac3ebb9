// SPDX-License-Identifier: Apache-2.0
// Names of restart policies.
#include "hv/machine/lifecycle_config.h"

#include <fmt/format.h>

#include <iterator>

namespace hv {

namespace {

// Index: the enumerations' values.
constexpr const char* restart_names[] = {"no", "on-failure", "always"};
constexpr const char* on_crash_names[] = {"exit", "restart", "preserve"};

}  // namespace

Result<Restart> parse_restart(std::string_view text) {
    for (std::size_t i = 0; i < std::size(restart_names); ++i)
        if (text == restart_names[i]) return static_cast<Restart>(i);
    return fail(ErrorKind::usage, fmt::format("--restart '{}': not no, on-failure or always", text));
}

Result<OnCrash> parse_on_crash(std::string_view text) {
    for (std::size_t i = 0; i < std::size(on_crash_names); ++i)
        if (text == on_crash_names[i]) return static_cast<OnCrash>(i);
    return fail(ErrorKind::usage, fmt::format("--on-crash '{}': not exit, restart or preserve", text));
}

const char* restart_name(Restart restart) { return restart_names[static_cast<std::size_t>(restart)]; }
const char* on_crash_name(OnCrash on_crash) { return on_crash_names[static_cast<std::size_t>(on_crash)]; }

}  // namespace hv
