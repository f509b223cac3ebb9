// SPDX-License-Identifier: Apache-2.0
// Warnings of unknown options.
#include <algorithm>

#include "hypercall/command_line.h"
#include "kernel/console/console.h"
#include "kernel/options/command_line.h"

namespace tenon {

[[gnu::cold]] void warn_of_unknown_options() {
    for (const std::string_view word : detail::kernel_words()) {
        const std::string_view name = word.substr(0, word.find('='));
        const auto is_name = [name](const char* other) { return name == other; };
        if (std::ranges::any_of(abi::kernel_options, is_name) ||
            std::ranges::any_of(abi::ignored_kernel_options, is_name))
            continue;
        warn("kernel option '%.*s' is not known, and has no effect (the program's arguments stand behind --)",
             static_cast<int>(name.size()), name.data());
    }
}

}  // namespace tenon
