// SPDX-License-Identifier: Apache-2.0
// Commands about the network.
#include <charconv>

#include "tools-agent/commands/all.h"

namespace tenon::tools {

namespace {

std::string number(unsigned value, int base) {
    char text[16];
    return {text, std::to_chars(text, text + sizeof text, value, base).ptr};
}

std::string ipv4_text(const IpAddress& address) {
    std::string text;
    for (std::size_t i = 0; i < 4; ++i) text += (i == 0 ? "" : ".") + number(address.bytes[i], 10);
    return text;
}

/// RFC 5952: the longest run of two or more zero groups becomes "::".
std::string ipv6_text(const IpAddress& address) {
    std::size_t run_begin = 8, run_size = 1;
    const auto group = [&](std::size_t i) { return address.bytes[2 * i] * 256u + address.bytes[2 * i + 1]; };
    for (std::size_t begin = 0; begin < 8; ++begin) {
        std::size_t size = 0;
        while (begin + size < 8 && group(begin + size) == 0) ++size;
        if (size > run_size) run_begin = begin, run_size = size;
    }
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == run_begin) {
            text += "::";
            i += run_size - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        text += number(group(i), 16);
    }
    return text;
}

std::string text_of(const IpAddress& address) { return address.v6 ? ipv6_text(address) : ipv4_text(address); }

std::string mask_text(std::uint8_t prefix) {
    const std::uint32_t mask = prefix == 0 ? 0 : ~0u << (32 - prefix);
    IpAddress address{};
    for (std::size_t i = 0; i < 4; ++i) address.bytes[i] = static_cast<std::uint8_t>(mask >> (24 - 8 * i));
    return ipv4_text(address);
}

std::string text_of(const MacAddress& mac) {
    std::string text;
    for (const std::uint8_t byte : mac)
        text += (text.empty() ? "" : ":") + number(byte >> 4, 16) + number(byte & 15, 16);
    return text;
}

Json json_of(const NetStatistics& counted) {
    return Json{{"rx-bytes", counted.rx_bytes}, {"rx-packets", counted.rx_packets},
                {"rx-errs", counted.rx_errors}, {"rx-dropped", counted.rx_dropped},
                {"tx-bytes", counted.tx_bytes}, {"tx-packets", counted.tx_packets},
                {"tx-errs", counted.tx_errors}, {"tx-dropped", counted.tx_dropped}};
}

Json json_of(const NetInterfaceInformation& interface) {
    Json result{{"name", interface.name.data()}};
    if (interface.mac) result["hardware-address"] = text_of(*interface.mac);
    Json addresses = Json::array();
    for (std::size_t i = 0; i < interface.address_count; ++i) {
        const NetInterfaceInformation::Address& address = interface.addresses[i];
        addresses.push_back({{"ip-address", text_of(address.address)},
                             {"ip-address-type", address.address.v6 ? "ipv6" : "ipv4"},
                             {"prefix", address.prefix}});
    }
    result["ip-addresses"] = std::move(addresses);
    if (interface.statistics) result["statistics"] = json_of(*interface.statistics);
    return result;
}

Json json_of(const RouteInformation& route) {
    const bool v6 = route.destination.v6;
    Json result{{"iface", route.interface.data()}, {"destination", text_of(route.destination)}, {"metric", 0}};
    if (route.gateway) result[v6 ? "nexthop" : "gateway"] = text_of(*route.gateway);
    if (v6)
        result["desprefixlen"] = number(route.prefix, 10);
    else
        result["mask"] = mask_text(route.prefix);
    result["mtu"] = route.mtu;
    result["version"] = v6 ? 6 : 4;
    return result;
}

}  // namespace

Reply get_interfaces(Context& context, const Json&) {
    Json list = Json::array();
    for (const NetInterfaceInformation& interface : context.guest.interfaces()) list.push_back(json_of(interface));
    return list;
}

Reply get_routes(Context& context, const Json&) {
    Json list = Json::array();
    for (const RouteInformation& route : context.guest.routes()) list.push_back(json_of(route));
    return list;
}

Reply get_interface_rates(Context& context, const Json&) {
    Json list = Json::array();
    for (const auto& rate : context.rates.rates(context.guest.monotonic_time(), context.guest.interfaces()))
        list.push_back({{"name", rate.name},
                        {"interval-ms", rate.interval / 1'000'000},
                        {"rx-bytes-per-second", rate.rx_bytes},
                        {"rx-packets-per-second", rate.rx_packets},
                        {"tx-bytes-per-second", rate.tx_bytes},
                        {"tx-packets-per-second", rate.tx_packets}});
    return list;
}

}  // namespace tenon::tools
