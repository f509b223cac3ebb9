// SPDX-License-Identifier: Apache-2.0
// Interfaces, addresses and routes, for the agent, which reports them to the host. The network stack implements the
// interface, if the image has one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kernel/device/net_device.h"

namespace tenon {

struct IpAddress {
    bool v6;
    std::array<std::uint8_t, 16> bytes;  ///< in network order; four of them for IPv4
};

struct NetInterfaceInformation {
    struct Address {
        IpAddress address;
        std::uint8_t prefix;
    };
    std::array<char, 8> name;  ///< terminated by a zero
    std::uint32_t mtu;
    bool link_up;
    std::optional<MacAddress> mac;            ///< not of loopback
    std::optional<NetStatistics> statistics;  ///< not of loopback
    std::array<Address, 8> addresses;
    std::size_t address_count;
};

struct RouteInformation {
    std::array<char, 8> interface;
    IpAddress destination;
    std::uint8_t prefix;
    std::optional<IpAddress> gateway;
    std::uint32_t mtu;
};

class NetInformation {
public:
    /// Fill in as many as `list` has room for; return how many.
    virtual std::size_t interfaces(std::span<NetInterfaceInformation> list) = 0;
    virtual std::size_t routes(std::span<RouteInformation> list) = 0;

protected:
    ~NetInformation() = default;
};

void register_net_information(NetInformation& information);
/// Null: the image has no network stack.
[[nodiscard]] NetInformation* net_information();

}  // namespace tenon
