// SPDX-License-Identifier: Apache-2.0
// The kernel command line: `name=value` options, then `--` and the program's arguments.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "hypercall/command_line.h"

namespace tenon {

/// Options of the form env=NAME=VALUE that become the program's environment.
using abi::environment_limit;

/// The value of option `name`: empty for a bare word, nothing if it is absent; the last one wins.
[[nodiscard]] std::optional<std::string_view> kernel_option(std::string_view name);
/// Calls visit(value) for each option called `name`, in order (virtio_mmio.device= may stand several times).
template <typename Visit>
void for_each_kernel_option(std::string_view name, Visit&& visit);
/// The program's arguments, argv[0] (the image's name) first; zero-terminated, for main().
[[nodiscard]] std::span<char*> program_arguments();

/// Splits `text` (double quotes group words: "a b", and \" and \\ inside of them); called once by boot code. Text
/// beyond the limits is dropped with a warning.
void parse_command_line(std::string_view text);

/// Warns of options that hypercall/command_line.h does not list; called when the console works.
void warn_of_unknown_options();

namespace detail {
[[nodiscard]] std::span<const std::string_view> kernel_words();
}

template <typename Visit>
void for_each_kernel_option(std::string_view name, Visit&& visit) {
    for (std::string_view word : detail::kernel_words()) {
        if (!word.starts_with(name)) continue;
        if (word.size() == name.size())
            visit(std::string_view{});
        else if (word[name.size()] == '=')
            visit(word.substr(name.size() + 1));
    }
}

}  // namespace tenon
