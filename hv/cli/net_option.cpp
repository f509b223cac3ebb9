// SPDX-License-Identifier: Apache-2.0
// The --net option.
#include <fmt/format.h>

#include <algorithm>

#include "hv/cli/limit_option.h"
#include "hv/cli/values.h"
#include "hv/core/text.h"
#include "hv/machine/rate_limits_config.h"

namespace hv {

namespace {

std::unexpected<Error> wrong(std::string_view text, const std::string& why) {
    return fail(ErrorKind::usage,
                fmt::format("network '{}': {} (none, user[,[ADDRESS:]HOST:GUEST[/udp]...][,host-loopback] or tap=NAME, "
                            "then [,mac=ADDRESS][,mtu=BYTES][,rx=RATE][,tx=RATE][,rx-packets=RATE][,tx-packets=RATE])",
                            text, why));
}

/// [ADDRESS:]HOST:GUEST[/tcp|/udp]
std::optional<PortForward> parse_forward(std::string_view word) {
    const std::size_t slash = std::min(word.find('/'), word.size());
    const std::string_view protocol = word.substr(slash);
    if (!protocol.empty() && protocol != "/tcp" && protocol != "/udp") return std::nullopt;
    std::vector<std::string_view> parts = split(word.substr(0, slash), ':');
    PortForward forward{.host = 0, .guest = 0, .udp = protocol == "/udp"};
    if (parts.size() == 3) {
        forward.address = parts.front();
        if (!is_host_address(forward.address)) return std::nullopt;
        parts.erase(parts.begin());
    }
    if (parts.size() != 2) return std::nullopt;
    const auto host = parse_number(parts[0]);
    const auto guest = parse_number(parts[1]);
    if (!host || !guest || *host > 65535 || *guest == 0 || *guest > 65535) return std::nullopt;
    forward.host = static_cast<std::uint16_t>(*host);
    forward.guest = static_cast<std::uint16_t>(*guest);
    return forward;
}

Result<NetLimits> limits_of(const Json& json) {
    const JsonSection::Origin origin{"network", "hv"};
    TRY(JsonSection section, JsonSection::open(json, "", origin));
    NetLimits limits;
    CHECK(read_net_limits(section, origin, limits));
    return limits;
}

}  // namespace

Result<NetConfig> parse_net(std::string_view text) {
    const std::vector<std::string_view> words = split(text, ',');
    NetConfig net;
    if (words[0] == "none") {
        net.mode = NetConfig::Mode::none;
    } else if (words[0] == "user") {
        net.mode = NetConfig::Mode::user;
    } else if (words[0].starts_with("tap=")) {
        net.mode = NetConfig::Mode::tap;
        net.tap = words[0].substr(4);
        if (const auto checked = check_interface_name(net.tap); !checked) return wrong(text, checked.error().message);
    } else {
        return wrong(text, fmt::format("'{}' is not a kind of network", words[0]));
    }

    if (const std::string_view key = repeated_key(words); !key.empty())
        return wrong(text, fmt::format("'{}' is given more than once", key));
    Json limits = Json::object();
    for (const std::string_view word : std::span(words).subspan(1)) {
        if (net.mode == NetConfig::Mode::none) return wrong(text, "'none' takes nothing else");
        TRY(const bool is_limit, take_limit(word, add_net_limit, limits));
        if (is_limit) continue;
        if (word.starts_with("mac=")) {
            TRY(net.mac, parse_mac(word.substr(4)));
        } else if (word.starts_with("mtu=")) {
            const auto mtu = parse_number(word.substr(4));
            if (!mtu || *mtu < least_mtu || *mtu > largest_mtu)
                return wrong(text, fmt::format("an MTU is {} to {} bytes", least_mtu, largest_mtu));
            net.mtu = static_cast<std::uint16_t>(*mtu);
        } else if (net.mode == NetConfig::Mode::user && word == "host-loopback") {
            net.user.host_loopback = true;
        } else if (net.mode == NetConfig::Mode::user) {
            const auto forward = parse_forward(word);
            if (!forward)
                return wrong(text,
                             fmt::format("'{}' is not [ADDRESS:]HOST:GUEST[/udp], an IPv4 address of the host and "
                                         "two ports",
                                         word));
            net.user.forwards.push_back(*forward);
        } else {
            return wrong(text, fmt::format("'{}' is not an option of a TAP network", word));
        }
    }
    TRY(net.limits, limits_of(limits));
    if (const auto checked = check_forwards(net.user); !checked) return wrong(text, checked.error().message);
    return net;
}

}  // namespace hv
