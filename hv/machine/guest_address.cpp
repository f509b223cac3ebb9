// SPDX-License-Identifier: Apache-2.0
// Static addresses of a guest.
#include "hv/machine/guest_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <vector>

#include "hv/core/text.h"

namespace hv {

namespace {

constexpr std::size_t most_name_servers = 3;

/// In network byte order. An IPv4 address has four bytes.
struct Address {
    int family;
    std::array<std::uint8_t, 16> bytes{};

    static std::optional<Address> parse(std::string_view text) {
        for (const int family : {AF_INET, AF_INET6}) {
            Address address{.family = family};
            if (inet_pton(family, std::string(text).c_str(), address.bytes.data()) == 1) return address;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::size_t bits() const { return family == AF_INET ? 32 : 128; }
    [[nodiscard]] bool bit(std::size_t index) const { return ((bytes[index / 8] >> (7 - index % 8)) & 1) != 0; }
    /// Whether all bits from `first` on are `value`.
    [[nodiscard]] bool ends_in(std::size_t first, bool value) const {
        for (std::size_t i = first; i < bits(); ++i)
            if (bit(i) != value) return false;
        return true;
    }
    [[nodiscard]] bool same_network(const Address& other, std::size_t prefix) const {
        for (std::size_t i = 0; i < prefix; ++i)
            if (bit(i) != other.bit(i)) return false;
        return true;
    }
    [[nodiscard]] bool is_link_local() const { return family == AF_INET6 && bytes[0] == 0xFE && bytes[1] >> 6 == 2; }
    bool operator==(const Address&) const = default;
};

/// The kind of an address that no host can have (RFC 1122, section 3.2.1.3; RFC 4291, section 2.4); null: a host can.
const char* fault_of(const Address& address) {
    if (address.ends_in(0, false)) return "the unspecified address";
    if (address.family == AF_INET) {
        if (address.bytes[0] == 0) return "an address of 'this network' (0.0.0.0/8)";
        if (address.bytes[0] == 127) return "a loopback address";
        if (address.ends_in(0, true)) return "the broadcast address";
        if (address.bytes[0] >= 240) return "a reserved address (240.0.0.0/4)";
        if (address.bytes[0] >= 224) return "a multicast address";
        return nullptr;
    }
    if (address.bytes[0] == 0xFF) return "a multicast address";
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (std::ranges::equal(std::span(address.bytes).first(mapped.size()), mapped)) return "an IPv4 address as IPv6";
    if (address == Address{AF_INET6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}) return "the loopback address";
    return nullptr;
}

/// The same in its network. Of two addresses (RFC 3021, RFC 6164), or one, both are hosts'.
const char* fault_of(const Address& address, std::size_t prefix) {
    if (const char* fault = fault_of(address)) return fault;
    if (prefix + 1 >= address.bits()) return nullptr;
    if (address.ends_in(prefix, false))
        return address.family == AF_INET ? "the network's own address" : "the routers' anycast address of its network";
    if (address.family == AF_INET && address.ends_in(prefix, true)) return "the broadcast address of its network";
    return nullptr;
}

}  // namespace

Result<StaticAddress> parse_guest_address(std::string_view text) {
    const auto wrong = [text](std::string why) {
        return fail(ErrorKind::usage, fmt::format("address '{}': {} (ADDRESS/PREFIX[,GATEWAY[,DNS...]], as in "
                                                  "10.0.0.2/24,10.0.0.1)",
                                                  text, why));
    };
    const std::vector<std::string_view> parts = split(text, ',');
    const std::size_t slash = parts[0].find('/');
    const std::string_view host = parts[0].substr(0, slash);
    const auto address = Address::parse(host);
    if (!address) return wrong(fmt::format("'{}' is not an IP address", host));
    if (slash == std::string_view::npos) return wrong("no prefix length");
    const auto prefix = parse_number(parts[0].substr(slash + 1));
    if (!prefix || *prefix == 0 || *prefix > address->bits())
        return wrong(fmt::format("the prefix length is not 1 to {}", address->bits()));
    if (const char* fault = fault_of(*address, *prefix)) return wrong(fmt::format("'{}' is {}", host, fault));

    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (i == 1 && parts[i].empty() && parts.size() > 2) continue;
        if (i > 1 + most_name_servers) return wrong(fmt::format("more than {} name servers", most_name_servers));
        const auto other = Address::parse(parts[i]);
        if (!other) return wrong(fmt::format("'{}' is not an IP address", parts[i]));
        if (other->family != address->family) return wrong("IPv4 and IPv6 mixed");
        if (i > 1) {
            if (const char* fault = fault_of(*other))
                return wrong(fmt::format("name server '{}' is {}", parts[i], fault));
            continue;
        }
        if (*other == *address) return wrong("the gateway is the guest itself");
        const bool near = address->same_network(*other, *prefix);
        if (!near && !other->is_link_local())
            return wrong(fmt::format("gateway '{}' is outside of the guest's network {}/{}", parts[i], host, *prefix));
        const bool has_broadcast = near && address->family == AF_INET;
        if (const char* fault = has_broadcast ? fault_of(*other, *prefix) : fault_of(*other))
            return wrong(fmt::format("gateway '{}' is {}", parts[i], fault));
    }
    return StaticAddress{address->family == AF_INET6, std::string(host)};
}

}  // namespace hv
