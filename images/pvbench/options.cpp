// SPDX-License-Identifier: Apache-2.0
// Parsing the command line.
#include "options.h"

#include <algorithm>
#include <charconv>

namespace pvbench {

const char* const usage =
    "pvbench: measures how fast a hypervisor's paravirtual devices, clock and memory are\n"
    "  --json              print the result as JSON between two marker lines, instead of a table\n"
    "  --only NAME[,NAME]  these measures or subjects only\n"
    "  --quick             a tenth of the time, with more noise\n"
    "  --repetitions N     of each measure; 5 without it\n"
    "  --disk DEVICE       the disk or file to measure; the first disk without it\n"
    "  --write             measure writes too: they destroy what is on the disk\n"
    "  --net-peer A.B.C.D:PORT  where `pvbench --serve PORT` runs\n"
    "  --balloon SECONDS   wait so long for the host to inflate the balloon, and to deflate it\n"
    "  --label NAME        the platform's name in the result\n"
    "  --list              print the measures\n"
    "  --serve PORT        be the peer of the network measures\n"
    "  --delay US          of the peer: wait before each echo\n"
    "and, in the Linux program, as the first word:\n"
    "  --compare [--json] BASELINE.json OTHER.json...  ratios, and which differences are more than noise\n"
    "  --report PAGE.html [--left-out PLATFORM=REASON]... FILE.json...  a page with bars\n";

namespace {

using Error = std::unexpected<std::string>;

std::expected<unsigned, std::string> parse_number(std::string_view option, std::string_view text, unsigned least,
                                                  unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
        return Error(std::string(option) + " needs a number from " + std::to_string(least) + " to " +
                     std::to_string(most) + ", not '" + std::string(text) + "'");
    return value;
}

std::expected<PeerAddress, std::string> parse_peer(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == 0 || colon == text.npos)
        return Error("--net-peer needs ADDRESS:PORT, not '" + std::string(text) + "'");
    const auto port = parse_number("--net-peer's port", text.substr(colon + 1), 1, 65535);
    if (!port) return Error(port.error());
    return PeerAddress{std::string(text.substr(0, colon)), static_cast<std::uint16_t>(*port)};
}

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (end != begin) names.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return names;
}

/// Stores what `parsed` holds; the error is empty if there is none.
template <typename To, typename From>
std::string store(To& to, const std::expected<From, std::string>& parsed) {
    if (!parsed) return parsed.error();
    to = static_cast<To>(*parsed);
    return {};
}

bool take_switch(Options& options, std::string_view name) {
    const struct {
        std::string_view name;
        bool& value;
    } switches[] = {{"--json", options.json},
                    {"--list", options.list},
                    {"--help", options.help},
                    {"--quick", options.quick},
                    {"--write", options.write}};
    for (const auto& known : switches)
        if (known.name == name) return known.value = true;
    return false;
}

/// An option with a value: an error, or an empty text.
std::string take_value(Options& options, std::string_view name, std::string_view value) {
    constexpr unsigned longest_wait = 3600, longest_delay = 10'000'000;
    if (name == "--only") {
        options.only = split_names(value);
        return options.only.empty() ? "--only needs names of measures" : "";
    }
    if (name == "--disk") return options.disk = value, "";
    if (name == "--label") return options.label = value, "";
    if (name == "--repetitions") return store(options.repetitions, parse_number(name, value, 1, 1000));
    if (name == "--net-peer") return store(options.peer, parse_peer(value));
    if (name == "--balloon") return store(options.balloon_seconds, parse_number(name, value, 1, longest_wait));
    if (name == "--serve") return store(options.serve_port, parse_number(name, value, 1, 65535));
    return store(options.serve_delay_us, parse_number(name, value, 0, longest_delay));
}

constexpr std::string_view first_words[] = {"--compare", "--report"};
constexpr std::string_view with_value[] = {"--only",     "--disk",    "--label", "--repetitions",
                                           "--net-peer", "--balloon", "--serve", "--delay"};

}  // namespace

std::expected<Options, std::string> parse_options(std::span<const std::string_view> arguments) {
    Options options;
    for (std::size_t i = 0; i != arguments.size(); ++i) {
        const std::string_view name = arguments[i];
        if (take_switch(options, name)) continue;
        if (std::ranges::find(first_words, name) != std::end(first_words))
            return Error(std::string(name) + " is the first word, and in the Linux program only");
        if (std::ranges::find(with_value, name) == std::end(with_value))
            return Error("there is no option '" + std::string(name) + "'; --help lists them");
        if (++i == arguments.size()) return Error(std::string(name) + " needs a value");
        if (std::string error = take_value(options, name, arguments[i]); !error.empty()) return Error(std::move(error));
    }
    if (options.serve_delay_us != 0 && options.serve_port == 0) return Error("--delay is for --serve PORT only");
    return options;
}

}  // namespace pvbench
