// SPDX-License-Identifier: Apache-2.0
// Checks of a network's fields.
#include "hv/machine/network_config.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if.h>

#include <charconv>
#include <set>
#include <tuple>

namespace hv {

Result<> check_interface_name(std::string_view name) {
    const auto wrong = [name](const char* why) {
        return fail(ErrorKind::usage, fmt::format("'{}' is not an interface's name: {}", name, why));
    };
    if (name.empty()) return wrong("it is empty");
    if (name.size() >= IFNAMSIZ) return wrong("it is longer than 15 bytes");
    if (name == "." || name == "..") return wrong("it is a directory's");
    for (const char c : name) {
        if (static_cast<unsigned char>(c) <= ' ') return wrong("it contains a space or a control character");
        if (c == '/' || c == ':' || c == '%' || c == ',') return wrong("it contains one of '/', ':', '%', ','");
    }
    return {};
}

Result<MacAddress> parse_mac(std::string_view text) {
    const auto wrong = [text](const char* why) {
        return fail(ErrorKind::usage, fmt::format("MAC address '{}': {} (six bytes in hexadecimal, as in "
                                                  "52:54:00:12:34:56)",
                                                  text, why));
    };
    MacAddress mac{};
    if (text.size() != 17) return wrong("wrong length");
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const char* byte = text.data() + i * 3;
        const auto [end, error] = std::from_chars(byte, byte + 2, mac[i], 16);
        if (error != std::errc() || end != byte + 2) return wrong("not hexadecimal");
        if (i + 1 < mac.size() && byte[2] != ':') return wrong("not separated by ':'");
    }
    if ((mac[0] & 1) != 0) return wrong("a multicast address");
    if (mac == MacAddress{}) return wrong("all zeros");
    return mac;
}

std::string mac_text(const MacAddress& mac) {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

bool is_host_address(const std::string& text) {
    in_addr address{};
    if (inet_pton(AF_INET, text.c_str(), &address) != 1) return false;
    return ntohl(address.s_addr) < 0xE000'0000;  // from there on: multicast, reserved, broadcast
}

Result<> check_forwards(const UserNetworkOptions& network) {
    std::set<std::tuple<std::string_view, std::uint16_t, bool>> taken;
    for (const PortForward& forward : network.forwards)
        if (forward.host != 0 && !taken.emplace(forward.address, forward.host, forward.udp).second)
            return fail(ErrorKind::usage, fmt::format("{} port {} of {} is forwarded twice",
                                                      forward.udp ? "UDP" : "TCP", forward.host, forward.address));
    return {};
}

}  // namespace hv
