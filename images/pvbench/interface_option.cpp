// SPDX-License-Identifier: Apache-2.0
// Parsing ip=.
#include "interface_option.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace pvbench {

namespace {

bool parse_address(std::string_view text, in_addr& address) {
    return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
}

std::optional<InterfaceOption> parse(std::string_view text) {
    InterfaceOption option{};
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view network = text.substr(0, comma);
    const std::size_t slash = network.find('/');
    if (slash == network.npos || !parse_address(network.substr(0, slash), option.address)) return std::nullopt;
    unsigned prefix = 0;
    const std::string_view digits = network.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (error != std::errc{} || end != digits.data() + digits.size() || prefix > 32) return std::nullopt;
    option.mask.s_addr = htonl(prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix));
    if (comma != text.size() && !parse_address(text.substr(comma + 1), option.gateway)) return std::nullopt;
    return option;
}

}  // namespace

std::optional<InterfaceOption> find_interface_option(std::string_view command_line) {
    constexpr std::string_view name = "ip=";
    std::optional<InterfaceOption> option;
    while (!command_line.empty()) {
        const std::size_t end = std::min(command_line.find_first_of(" \n"), command_line.size());
        const std::string_view word = command_line.substr(0, end);
        if (word == "--") break;
        if (word.starts_with(name)) option = parse(word.substr(name.size()));
        command_line.remove_prefix(std::min(end + 1, command_line.size()));
    }
    return option;
}

}  // namespace pvbench
