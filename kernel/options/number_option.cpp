// SPDX-License-Identifier: Apache-2.0
// Kernel options that are numbers.
#include "kernel/options/number_option.h"

#include <optional>

#include "kernel/base/number.h"
#include "kernel/console/console.h"
#include "kernel/options/command_line.h"

namespace tenon {

std::uint64_t number_option(const char* name, std::uint64_t default_value, std::uint64_t largest) {
    const auto text = kernel_option(name);
    if (!text) return default_value;
    const std::optional<std::uint64_t> number = parse_number(*text);
    if (number && *number <= largest) return *number;
    warn("kernel option %s=%.*s: not a number from 0 to %llu; using %llu", name, static_cast<int>(text->size()),
         text->data(), static_cast<unsigned long long>(largest), static_cast<unsigned long long>(default_value));
    return default_value;
}

}  // namespace tenon
