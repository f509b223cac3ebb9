// SPDX-License-Identifier: Apache-2.0
// A user-mode network as JSON.
#include "hv/machine/user_network_config.h"

#include <fmt/format.h>

#include "hv/machine/rate_limits_config.h"

namespace hv {

namespace {

JsonSection::Origin origin() { return {"configuration", "hv"}; }

Result<JsonSection> open_section(const Json& value, std::string name) {
    return JsonSection::open(value, std::move(name), origin());
}

Result<PortForward> read_forward(const Json& value, const std::string& name) {
    TRY(JsonSection section, open_section(value, name));
    TRY(const auto host, section.take_number("host_port", 0, 65535));
    TRY(const auto guest, section.take_number("guest_port", 1, 65535));
    TRY(const auto protocol, section.take_string("protocol"));
    TRY(const auto address, section.take_string("host_address"));
    CHECK(section.finish());
    if (!host || !guest) return section.wrong(fmt::format("'{}' needs 'host_port' and 'guest_port'", name));
    if (protocol && *protocol != "tcp" && *protocol != "udp")
        return section.wrong(fmt::format("'{}.protocol' is '{}', not tcp or udp", name, *protocol));
    PortForward forward{.host = static_cast<std::uint16_t>(*host), .guest = static_cast<std::uint16_t>(*guest)};
    forward.udp = protocol == "udp";
    if (address && !is_host_address(*address))
        return section.wrong(fmt::format("'{}.host_address' is '{}', not an IPv4 address of a host", name, *address));
    forward.address = address.value_or(forward.address);
    return forward;
}

Json forward_json(const PortForward& forward) {
    Json json = {{"host_port", forward.host}, {"guest_port", forward.guest}};
    if (forward.udp) json["protocol"] = "udp";
    if (forward.address != PortForward().address) json["host_address"] = forward.address;
    return json;
}

}  // namespace

Result<> read_user_network(const Json& value, NetConfig& net) {
    TRY(JsonSection section, open_section(value, "tenon.user_network"));
    if (net.mode != NetConfig::Mode::none)
        return section.wrong("'tenon.user_network' and 'network-interfaces': a machine has one interface");
    TRY(const auto id, section.take_string("iface_id"));
    TRY(const auto mac, section.take_string("guest_mac"));
    TRY(const auto mtu, section.take_number("mtu", least_mtu, largest_mtu));
    TRY(const auto host_loopback, section.take_bool("host_loopback"));
    const Json* forwards = section.take("forwards");
    CHECK(read_net_limits(section, origin(), net.limits));
    CHECK(section.finish());
    net.mode = NetConfig::Mode::user;
    net.interface_id = id.value_or(net.interface_id);
    if (mac) {
        auto address = parse_mac(*mac);
        if (!address) return section.wrong(fmt::format("'tenon.user_network.guest_mac': {}", address.error().message));
        net.mac = *address;
    }
    if (mtu) net.mtu = static_cast<std::uint16_t>(*mtu);
    net.user.host_loopback = host_loopback.value_or(false);
    if (forwards == nullptr) return {};
    if (!forwards->is_array()) return section.wrong("'tenon.user_network.forwards' is not an array");
    for (std::size_t i = 0; i < forwards->size(); ++i) {
        TRY(const PortForward forward, read_forward((*forwards)[i], fmt::format("tenon.user_network.forwards[{}]", i)));
        net.user.forwards.push_back(forward);
    }
    if (const auto checked = check_forwards(net.user); !checked)
        return section.wrong("'tenon.user_network.forwards': " + checked.error().message);
    return {};
}

Json user_network_json(const NetConfig& net) {
    Json network = {{"iface_id", json_text(net.interface_id)}};
    if (net.mac) network["guest_mac"] = mac_text(*net.mac);
    if (net.mtu) network["mtu"] = *net.mtu;
    if (net.user.host_loopback) network["host_loopback"] = true;
    add_net_limits(network, net.limits);
    network["forwards"] = Json::array();
    for (const PortForward& forward : net.user.forwards) network["forwards"].push_back(forward_json(forward));
    return network;
}

}  // namespace hv
