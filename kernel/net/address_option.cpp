// SPDX-License-Identifier: Apache-2.0
// Addresses on the kernel command line.
#include "kernel/net/address_option.h"

#include "kernel/base/cut.h"

namespace tenon::net {
namespace {

Result<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t most) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return fail(Error::invalid_argument);
    std::uint32_t value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return fail(Error::invalid_argument);
        value = value * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    if (value > most) return fail(Error::invalid_argument);
    return value;
}

Result<std::uint16_t> parse_hexadecimal(std::string_view text) {
    if (text.empty() || text.size() > 4) return fail(Error::invalid_argument);
    std::uint32_t value = 0;
    for (const char digit : text) {
        value *= 16;
        if (digit >= '0' && digit <= '9')
            value += static_cast<std::uint32_t>(digit - '0');
        else if (digit >= 'a' && digit <= 'f')
            value += static_cast<std::uint32_t>(digit - 'a' + 10);
        else if (digit >= 'A' && digit <= 'F')
            value += static_cast<std::uint32_t>(digit - 'A' + 10);
        else
            return fail(Error::invalid_argument);
    }
    return static_cast<std::uint16_t>(value);
}

/// Parses groups of up to four hexadecimal digits; an IPv4 address may take the place of the last two. Returns how many
/// bytes were stored.
Result<std::size_t> parse_groups(std::string_view text, Ipv6& bytes) {
    std::size_t count = 0;
    if (text.empty()) return count;
    for (;;) {
        const bool more = text.find(':') != std::string_view::npos;
        const std::string_view group = cut(text, ':');
        if (!more && group.find('.') != std::string_view::npos) {
            if (count > 12) return fail(Error::invalid_argument);
            TRY(const Ipv4 tail, parse_ipv4(group));
            for (const std::uint8_t byte : tail) bytes[count++] = byte;
            return count;
        }
        if (count > 14) return fail(Error::invalid_argument);
        TRY(const std::uint16_t value, parse_hexadecimal(group));
        bytes[count++] = static_cast<std::uint8_t>(value >> 8);
        bytes[count++] = static_cast<std::uint8_t>(value);
        if (!more) return count;
    }
}

template <typename Address>
Result<AddressOption<Address>> parse_option(std::string_view value, std::string_view automatic,
                                            Result<Address> (*parse)(std::string_view)) {
    AddressOption<Address> option;
    if (value == automatic) return option;
    if (value == "off") {
        option.mode = AddressMode::off;
        return option;
    }
    option.mode = AddressMode::fixed;
    std::string_view address = cut(value, ',');
    const std::string_view host = cut(address, '/');
    TRY(option.address, parse(host));
    TRY(const std::uint32_t prefix, parse_decimal(address, sizeof(Address) * 8));
    option.prefix = static_cast<std::uint8_t>(prefix);
    // An empty gateway ("ADDRESS/PREFIX,,DNS") means that there is none.
    if (const std::string_view gateway = cut(value, ','); !gateway.empty()) {
        TRY(option.gateway, parse(gateway));
        option.has_gateway = true;
    }
    while (!value.empty()) {
        if (option.name_server_count == option.name_servers.size()) return fail(Error::invalid_argument);
        TRY(option.name_servers[option.name_server_count], parse(cut(value, ',')));
        ++option.name_server_count;
    }
    return option;
}

template <typename Address>
bool bit(const Address& address, std::size_t index) {
    return (address[index / 8] >> (7 - index % 8) & 1) != 0;
}

/// Whether all bits behind the prefix are `value`.
template <typename Address>
bool host_part_is(const Address& address, std::size_t prefix, bool value) {
    for (std::size_t i = prefix; i < sizeof(Address) * 8; ++i)
        if (bit(address, i) != value) return false;
    return true;
}

/// In a network of one or two addresses (RFC 3021, RFC 6164) hosts can have all of them.
template <typename Address>
bool has_special_addresses(const AddressOption<Address>& option) {
    return option.prefix + 1U < sizeof(Address) * 8;
}

template <typename Address>
bool gateway_is_near(const AddressOption<Address>& option) {
    for (std::size_t i = 0; i < option.prefix; ++i)
        if (bit(option.address, i) != bit(option.gateway, i)) return false;
    return true;
}

}  // namespace

const char* fault_of(const AddressOption<Ipv4>& option) {
    if (option.mode != AddressMode::fixed) return nullptr;
    const std::uint8_t first = option.address[0];
    if (first == 0 || first == 127 || first >= 224) return "no host can have this address";
    if (option.prefix == 0) return "a prefix length of 0 leaves no network";
    if (has_special_addresses(option) && host_part_is(option.address, option.prefix, false))
        return "this is the address of the network itself";
    if (has_special_addresses(option) && host_part_is(option.address, option.prefix, true))
        return "this is the broadcast address of the network";
    if (option.has_gateway && !gateway_is_near(option)) return "the gateway is outside of the network";
    return nullptr;
}

const char* fault_of(const AddressOption<Ipv6>& option) {
    if (option.mode != AddressMode::fixed) return nullptr;
    const Ipv6 loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (option.address[0] == 0xFF || option.address == Ipv6{} || option.address == loopback)
        return "no host can have this address";
    if (option.prefix == 0) return "a prefix length of 0 leaves no network";
    if (has_special_addresses(option) && host_part_is(option.address, option.prefix, false))
        return "this is the anycast address of the network's routers";
    const bool link_local = option.gateway[0] == 0xFE && option.gateway[1] >> 6 == 2;
    if (option.has_gateway && !link_local && !gateway_is_near(option)) return "the gateway is outside of the network";
    return nullptr;
}

Result<Ipv4> parse_ipv4(std::string_view text) {
    Ipv4 address{};
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (i + 1 < address.size() && text.find('.') == std::string_view::npos) return fail(Error::invalid_argument);
        const std::string_view part = i + 1 < address.size() ? cut(text, '.') : text;
        TRY(const std::uint32_t value, parse_decimal(part, 255));
        address[i] = static_cast<std::uint8_t>(value);
    }
    return address;
}

Result<Ipv6> parse_ipv6(std::string_view text) {
    const std::size_t gap = text.find("::");
    Ipv6 head{};
    if (gap == std::string_view::npos) {
        TRY(const std::size_t size, parse_groups(text, head));
        if (size != head.size()) return fail(Error::invalid_argument);
        return head;
    }
    const std::string_view after(text.data() + gap + 2, text.size() - gap - 2);
    if (after.find("::") != std::string_view::npos || after.starts_with(':')) return fail(Error::invalid_argument);
    const std::string_view before(text.data(), gap);
    if (before.find('.') != std::string_view::npos) return fail(Error::invalid_argument);
    Ipv6 tail{};
    TRY(const std::size_t head_size, parse_groups(before, head));
    TRY(const std::size_t tail_size, parse_groups(after, tail));
    if (head_size + tail_size > head.size() - 2) return fail(Error::invalid_argument);
    for (std::size_t i = 0; i < tail_size; ++i) head[head.size() - tail_size + i] = tail[i];
    return head;
}

Result<AddressOption<Ipv4>> parse_ip_option(std::string_view value) {
    return parse_option<Ipv4>(value, "dhcp", parse_ipv4);
}
Result<AddressOption<Ipv6>> parse_ip6_option(std::string_view value) {
    return parse_option<Ipv6>(value, "auto", parse_ipv6);
}

}  // namespace tenon::net
