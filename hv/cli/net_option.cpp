// SPDX-License-Identifier: Apache-2.0
// The --net option.
#include <fmt/format.h>
#include <linux/if.h>

#include "hv/cli/values.h"
#include "hv/core/text.h"

namespace hv {

namespace {

std::unexpected<Error> wrong(std::string_view text, const std::string& why) {
    return fail(ErrorKind::usage,
                fmt::format("network '{}': {} (none, user[,HOST:GUEST...][,host-loopback] or tap=NAME, "
                            "then [,mac=ADDRESS][,mtu=BYTES])",
                            text, why));
}

std::optional<PortForward> parse_forward(std::string_view word) {
    const std::size_t colon = word.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto host = parse_number(word.substr(0, colon));
    const auto guest = parse_number(word.substr(colon + 1));
    if (!host || !guest || *host > 65535 || *guest == 0 || *guest > 65535) return std::nullopt;
    return PortForward{static_cast<std::uint16_t>(*host), static_cast<std::uint16_t>(*guest)};
}

bool is_interface_name(std::string_view name) {
    if (name.empty() || name.size() >= IFNAMSIZ || name == "." || name == "..") return false;
    // A percent sign would be a pattern to the kernel (tap%d).
    return name.find_first_of("/: \t\n%") == std::string_view::npos;
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
        if (!is_interface_name(net.tap)) return wrong(text, fmt::format("'{}' is not an interface's name", net.tap));
    } else {
        return wrong(text, fmt::format("'{}' is not a kind of network", words[0]));
    }

    for (const std::string_view word : std::span(words).subspan(1)) {
        if (net.mode == NetConfig::Mode::none) return wrong(text, "'none' takes nothing else");
        if (word.starts_with("mac=")) {
            TRY(net.mac, parse_mac(word.substr(4)));
        } else if (word.starts_with("mtu=")) {
            const auto mtu = parse_number(word.substr(4));
            if (!mtu || *mtu < 68 || *mtu > 65535) return wrong(text, "an MTU is 68 to 65535 bytes");
            net.mtu = static_cast<std::uint16_t>(*mtu);
        } else if (net.mode == NetConfig::Mode::user && word == "host-loopback") {
            net.host_loopback = true;
        } else if (net.mode == NetConfig::Mode::user) {
            const auto forward = parse_forward(word);
            if (!forward) return wrong(text, fmt::format("'{}' is not HOST:GUEST, two ports", word));
            for (const PortForward& other : net.forwards)
                if (other.host != 0 && other.host == forward->host)
                    return wrong(text, fmt::format("port {} is forwarded twice", other.host));
            net.forwards.push_back(*forward);
        } else {
            return wrong(text, fmt::format("'{}' is not an option of a TAP network", word));
        }
    }
    return net;
}

}  // namespace hv
