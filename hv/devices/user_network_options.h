// SPDX-License-Identifier: Apache-2.0
// Options of a user-mode network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hv {

/// A connection to `address`:`host`, or a datagram, goes to the guest's port `guest`. Host port 0: any that is free.
struct PortForward {
    std::uint16_t host = 0;
    std::uint16_t guest = 0;
    bool udp = false;                   ///< otherwise TCP
    std::string address = "127.0.0.1";  ///< an IPv4 address of the host; 0.0.0.0: all
    bool operator==(const PortForward&) const = default;
};

struct UserNetworkOptions {
    std::vector<PortForward> forwards;
    std::string guest_address;   ///< IPv4 address that forwards go to; empty: the one that DHCP gives
    bool host_loopback = false;  ///< the guest reaches the host's loopback at the gateway's address
    bool operator==(const UserNetworkOptions&) const = default;
};

}  // namespace hv
