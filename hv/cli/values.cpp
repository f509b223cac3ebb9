// SPDX-License-Identifier: Apache-2.0
// Sizes and small values of command line options.
#include "hv/cli/values.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <optional>

#include "hv/core/text.h"

namespace hv {

Result<std::uint64_t> parse_size(std::string_view text) {
    const auto wrong = [text](const char* why) {
        return fail(ErrorKind::usage, fmt::format("size '{}': {} (a number with K, M, G or T, as in 64M)", text, why));
    };
    std::uint64_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range) return wrong("too large");
    if (error != std::errc()) return wrong("not a number");

    std::string_view suffix = text.substr(static_cast<std::size_t>(rest - text.data()));
    unsigned shift = 0;
    if (!suffix.empty()) {
        constexpr std::string_view units = "KMGT";
        const char letter =
            suffix.front() >= 'a' && suffix.front() <= 'z' ? static_cast<char>(suffix.front() - 32) : suffix.front();
        const std::size_t unit = units.find(letter);
        if (unit == std::string_view::npos) return wrong("unknown unit");
        suffix.remove_prefix(1);
        if (!suffix.empty() && suffix != "iB") return wrong("unknown unit");
        shift = static_cast<unsigned>(unit + 1) * 10;
    }
    if (number > std::numeric_limits<std::uint64_t>::max() >> shift) return wrong("too large");
    return number << shift;
}

Result<std::uint64_t> parse_memory(std::string_view text) {
    TRY(const std::uint64_t bytes, parse_size(text));
    if (bytes < minimum_memory_bytes || bytes > maximum_memory_bytes)
        return fail(ErrorKind::usage, fmt::format("memory '{}': a machine has at least {}M and at most {}G", text,
                                                  minimum_memory_bytes >> 20, maximum_memory_bytes >> 30));
    if (bytes % tenon::abi::page_size != 0)
        return fail(ErrorKind::usage, fmt::format("memory '{}': not a multiple of 4K", text));
    return bytes;
}

Result<std::uint64_t> parse_mebibytes(std::string_view option, std::string_view text) {
    TRY(const std::uint64_t bytes, parse_size(text));
    if (bytes == 0 || bytes % (1 << 20) != 0 || bytes > maximum_memory_bytes)
        return fail(ErrorKind::usage, fmt::format("{} '{}': not whole MiB, at least 1M", option, text));
    return bytes;
}

Result<std::uint64_t> parse_watchdog(std::string_view text) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    const double milliseconds = seconds * 1000;
    // Written so that what is no number at all fails, too.
    if (!is_number || !(milliseconds >= shortest_watchdog_ms && milliseconds <= longest_watchdog_ms))
        return fail(ErrorKind::usage,
                    fmt::format("--watchdog '{}': not {} to {} seconds", text,
                                static_cast<double>(shortest_watchdog_ms) / 1000, longest_watchdog_ms / 1000));
    return static_cast<std::uint64_t>(milliseconds);
}

namespace {

/// AF_INET or AF_INET6, or nothing.
std::optional<int> address_family(std::string_view text) {
    const std::string address(text);
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    for (const int family : {AF_INET, AF_INET6})
        if (inet_pton(family, address.c_str(), bytes.data()) == 1) return family;
    return std::nullopt;
}

}  // namespace

Result<std::string> parse_guest_address(std::string_view text) {
    const auto wrong = [text](std::string why) {
        return fail(ErrorKind::usage, fmt::format("address '{}': {} (ADDRESS/PREFIX[,GATEWAY[,DNS]], as in "
                                                  "10.0.0.2/24,10.0.0.1)",
                                                  text, why));
    };
    const std::vector<std::string_view> parts = split(text, ',');
    if (parts.size() > 3) return wrong("more than three parts");

    const std::size_t slash = parts[0].find('/');
    if (slash == std::string_view::npos) return wrong("no prefix length");
    const auto family = address_family(parts[0].substr(0, slash));
    if (!family) return wrong(fmt::format("'{}' is not an IP address", parts[0].substr(0, slash)));
    const auto prefix = parse_number(parts[0].substr(slash + 1));
    if (!prefix || *prefix == 0 || *prefix > (*family == AF_INET ? 32 : 128)) return wrong("wrong prefix length");

    for (const std::string_view part : std::span(parts).subspan(1)) {
        const auto other = address_family(part);
        if (!other) return wrong(fmt::format("'{}' is not an IP address", part));
        if (*other != *family) return wrong("IPv4 and IPv6 mixed");
    }
    return fmt::format("ip={}", text);
}

Result<AcceleratorChoice> parse_accelerator(std::string_view text) {
    if (text == "auto") return AcceleratorChoice::automatic;
    if (text == "pv") return AcceleratorChoice::pv;
    if (text == "kvm") return AcceleratorChoice::kvm;
    return fail(ErrorKind::usage, fmt::format("accelerator '{}': not one of auto, pv, kvm", text));
}

}  // namespace hv
