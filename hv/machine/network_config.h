// SPDX-License-Identifier: Apache-2.0
// A machine's network, and the rules that each of its fields obeys wherever it was written: on the command line or in a
// configuration file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/devices/net_limits.h"
#include "hv/devices/user_network_options.h"

namespace hv {

using MacAddress = std::array<std::uint8_t, 6>;

/// RFC 791's least, and the most that a TAP interface takes.
inline constexpr std::uint16_t least_mtu = 68, largest_mtu = 65535;

struct NetConfig {
    enum class Mode { none, user, tap };
    Mode mode = Mode::none;
    std::string interface_id = "net0";
    std::string tap;  ///< name of the TAP interface
    std::optional<MacAddress> mac;
    std::optional<std::uint16_t> mtu;
    UserNetworkOptions user;
    NetLimits limits;
    bool operator==(const NetConfig&) const = default;
};

/// Whether Linux takes `name` for an interface, and for that one only: "tap%d" would be a pattern.
/// Errors: usage, with the name.
Result<> check_interface_name(std::string_view name);

/// "52:54:00:12:34:56"; not a multicast address, not all zeros. Errors: usage.
Result<MacAddress> parse_mac(std::string_view text);
[[nodiscard]] std::string mac_text(const MacAddress& mac);

/// Whether a port can be published at `text`: an IPv4 address that one of the host's interfaces may have, or 0.0.0.0
/// for all of them.
[[nodiscard]] bool is_host_address(const std::string& text);

/// Errors: usage, naming the port (it is forwarded twice).
Result<> check_forwards(const UserNetworkOptions& network);

}  // namespace hv
