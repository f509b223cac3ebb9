// SPDX-License-Identifier: Apache-2.0
// lwIP's interfaces, addresses and routes, as NetInformation.
#include <bit>
#include <cstring>

#include "kernel/base/init_step.h"
#include "kernel/device/net_information.h"
#include "kernel/net/core_lock.h"
#include "kernel/net/interface.h"
#include "lwip/nd6.h"
#include "lwip/netif.h"
#include "lwip/priv/nd6_priv.h"

namespace tenon::net {
namespace {

/// lwIP stores no prefix length with an IPv6 address: it treats all of them as subnets of this size.
constexpr std::uint8_t ip6_prefix = 64;

IpAddress to_kernel(const ip4_addr_t& address) {
    IpAddress result{.v6 = false, .bytes = {}};
    std::memcpy(result.bytes.data(), &address.addr, sizeof(address.addr));
    return result;
}
IpAddress to_kernel(const ip6_addr_t& address) {
    IpAddress result{.v6 = true, .bytes = {}};
    std::memcpy(result.bytes.data(), address.addr, sizeof(address.addr));
    return result;
}
std::uint8_t prefix_of(const netif& lwip) {
    return static_cast<std::uint8_t>(std::popcount(netif_ip4_netmask(&lwip)->addr));
}
/// The name that netif_find() and if_nametoindex() use: two letters and the number.
std::array<char, 8> name_of(const netif& lwip) {
    std::array<char, 8> name{lwip.name[0], lwip.name[1]};
    const unsigned number = lwip.num;
    std::size_t end = 2;
    for (unsigned unit = number >= 100 ? 100 : number >= 10 ? 10 : 1; unit != 0; unit /= 10)
        name[end++] = static_cast<char>('0' + number / unit % 10);
    return name;
}
bool is_ethernet(const netif& lwip) { return (lwip.flags & NETIF_FLAG_ETHARP) != 0; }

void fill_addresses(NetInterfaceInformation& to, const netif& lwip) {
    to.address_count = 0;
    if (netif_ip4_addr(&lwip)->addr != 0)
        to.addresses[to.address_count++] = {to_kernel(*netif_ip4_addr(&lwip)), prefix_of(lwip)};
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES && to.address_count < to.addresses.size(); ++i) {
        if (!ip6_addr_isvalid(netif_ip6_addr_state(&lwip, i))) continue;
        const ip6_addr_t& address = *netif_ip6_addr(&lwip, i);
        const std::uint8_t prefix = ip6_addr_isloopback(&address) ? 128 : ip6_prefix;
        to.addresses[to.address_count++] = {to_kernel(address), prefix};
    }
}

class LwipInformation final : public NetInformation {
public:
    std::size_t interfaces(std::span<NetInterfaceInformation> list) override {
        const CoreLock lock;
        std::size_t count = 0;
        for (const netif* lwip = netif_list; lwip != nullptr && count < list.size(); lwip = lwip->next) {
            NetInterfaceInformation& to = list[count++];
            to = {};
            to.name = name_of(*lwip);
            to.mtu = lwip->mtu;
            to.link_up = netif_is_link_up(lwip) != 0;
            if (is_ethernet(*lwip)) {
                const NetDevice& device = static_cast<Interface*>(lwip->state)->device();
                to.mac = device.mac();
                to.statistics = device.statistics();
            }
            fill_addresses(to, *lwip);
        }
        return count;
    }

    std::size_t routes(std::span<RouteInformation> list) override {
        const CoreLock lock;
        std::size_t count = 0;
        const auto add = [&](const netif& lwip, const IpAddress& destination, std::uint8_t prefix,
                             std::optional<IpAddress> gateway) {
            if (count < list.size()) list[count++] = {name_of(lwip), destination, prefix, gateway, lwip.mtu};
        };
        for (const netif* lwip = netif_list; lwip != nullptr; lwip = lwip->next) {
            const ip4_addr_t network{netif_ip4_addr(lwip)->addr & netif_ip4_netmask(lwip)->addr};
            if (netif_ip4_addr(lwip)->addr != 0) add(*lwip, to_kernel(network), prefix_of(*lwip), {});
            if (lwip == netif_default && netif_ip4_gw(lwip)->addr != 0)
                add(*lwip, to_kernel(ip4_addr_t{0}), 0, to_kernel(*netif_ip4_gw(lwip)));
        }
        for (const nd6_prefix_list_entry& entry : std::span(prefix_list, LWIP_ND6_NUM_PREFIXES))
            if (entry.netif != nullptr) add(*entry.netif, to_kernel(entry.prefix), ip6_prefix, {});
        for (const nd6_router_list_entry& entry : std::span(default_router_list, LWIP_ND6_NUM_ROUTERS))
            if (entry.neighbor_entry != nullptr)
                add(*entry.neighbor_entry->netif, IpAddress{.v6 = true, .bytes = {}}, 0,
                    to_kernel(entry.neighbor_entry->next_hop_address));
        return count;
    }
};
constinit LwipInformation information;

void tell_about_network() { register_net_information(information); }
TENON_INIT_STEP(network, tell_about_network);

}  // namespace
}  // namespace tenon::net
