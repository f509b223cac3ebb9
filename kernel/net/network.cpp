// SPDX-License-Identifier: Apache-2.0
// Starts the network before main(): the stack, its interfaces, their addresses.
#include <algorithm>
#include <array>
#include <cstring>

#include "hooks.h"
#include "kernel/base/init_step.h"
#include "kernel/console/console.h"
#include "kernel/lifecycle/power.h"
#include "kernel/net/address_option.h"
#include "kernel/net/interface.h"
#include "kernel/options/command_line.h"
#include "kernel/sched/sync.h"
#include "kernel/time/clock.h"
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/nd6.h"

namespace tenon::net {
namespace {

constexpr Nanoseconds second = 1'000'000'000;
constexpr Nanoseconds dhcp_deadline = 10 * second;

// Written before main(), then only read by lwIP.
constinit bool has_ip6_gateway = false;
constinit ip6_addr_t ip6_gateway{};
constinit std::uint8_t next_name_server = 0;

ip4_addr_t to_lwip(const Ipv4& address) {
    ip4_addr_t result;
    std::memcpy(&result.addr, address.data(), address.size());
    return result;
}
ip6_addr_t to_lwip(const Ipv6& address, netif& interface) {
    ip6_addr_t result{};
    std::memcpy(result.addr, address.data(), address.size());
    ip6_addr_assign_zone(&result, IP6_UNKNOWN, &interface);
    return result;
}

void add_name_server(const ip_addr_t& address) {
    if (next_name_server < DNS_MAX_SERVERS) dns_setserver(next_name_server++, &address);
}

template <typename Option>
Option read_option(const char* name, Result<Option> (*parse)(std::string_view)) {
    const auto value = kernel_option(name);
    if (!value) return {};
    const Result<Option> option = parse(*value);
    const char* fault = option ? fault_of(*option) : "not ADDRESS/PREFIX[,GATEWAY[,DNS...]]";
    if (fault == nullptr) return *option;
    warn("network: %s=%.*s: %s; addresses are taken from the network", name, static_cast<int>(value->size()),
         value->data(), fault);
    return {};
}

void set_ipv4(Interface& interface, const AddressOption<Ipv4>& option) {
    netif& lwip = interface.lwip();
    const ip4_addr_t address = to_lwip(option.address);
    const ip4_addr_t mask{lwip_htonl(option.prefix == 0 ? 0 : ~0u << (32 - option.prefix))};
    const ip4_addr_t gateway = option.has_gateway ? to_lwip(option.gateway) : ip4_addr_t{0};
    // Also announces the address (gratuitous ARP), without waiting for a machine that already has it.
    netif_set_addr(&lwip, &address, &mask, &gateway);
    for (std::size_t i = 0; i < option.name_server_count; ++i) {
        ip_addr_t server;
        ip_addr_copy_from_ip4(server, to_lwip(option.name_servers[i]));
        add_name_server(server);
    }
}

void set_ipv6(Interface& interface, const AddressOption<Ipv6>& option) {
    netif& lwip = interface.lwip();
    if (option.mode == AddressMode::off) return;
    netif_create_ip6_linklocal_address(&lwip, 1);
    netif_set_ip6_autoconfig_enabled(&lwip, option.mode == AddressMode::automatic ? 1 : 0);
    if (option.mode != AddressMode::fixed) return;
    const ip6_addr_t address = to_lwip(option.address, lwip);
    s8_t index = -1;
    if (netif_add_ip6_address(&lwip, &address, &index) != ERR_OK || index < 0) return;
    // A configured address is used at once, without duplicate address detection.
    netif_ip6_addr_set_state(&lwip, index, IP6_ADDR_PREFERRED);
    if (option.has_gateway) {
        ip6_gateway = to_lwip(option.gateway, lwip);
        has_ip6_gateway = true;
    }
    for (std::size_t i = 0; i < option.name_server_count; ++i) {
        ip_addr_t server;
        ip_addr_copy_from_ip6(server, to_lwip(option.name_servers[i], lwip));
        add_name_server(server);
    }
}

// Made at the first use: the image's constructors run only before main(), which is after this.
Semaphore& address_changed() {
    static Semaphore semaphore{0};
    return semaphore;
}

void await_dhcp(Interface& interface) {
    const Nanoseconds deadline = monotonic_now() + dhcp_deadline;
    for (;;) {
        {
            const CoreLock lock;
            if (dhcp_supplied_address(&interface.lwip()) != 0) return;
        }
        if (address_changed().wait(deadline) == WaitResult::timed_out) break;
    }
    warn(
        "network: no DHCP server has answered in %u s; there is no IPv4 address yet (ip=ADDRESS/PREFIX,GATEWAY sets "
        "one)",
        static_cast<unsigned>(dhcp_deadline / second));
}

void report(Interface& interface) {
    const CoreLock lock;
    const netif& lwip = interface.lwip();
    char text[IP4ADDR_STRLEN_MAX];
    log("network: %c%c%u has address %s, link %s", lwip.name[0], lwip.name[1], static_cast<unsigned>(lwip.num),
        ip4addr_ntoa_r(netif_ip4_addr(&lwip), text, sizeof(text)), netif_is_link_up(&lwip) != 0 ? "up" : "down");
}

void drain_interface(void* interface) { static_cast<Interface*>(interface)->drain(); }

/// The loopback interface neither makes nor checks checksums: its frames never leave memory.
void set_up_loopback() {
    const CoreLock lock;
    if (netif* loopback = netif_find("lo0"); loopback != nullptr) NETIF_SET_CHECKSUM_CTRL(loopback, 0);
}

Interface* set_up_interface(NetDevice& device, bool first) {
    const auto ip = first ? read_option("ip", parse_ip_option) : AddressOption<Ipv4>{};
    const auto ip6 = first ? read_option("ip6", parse_ip6_option) : AddressOption<Ipv6>{};
    const CoreLock lock;
    const auto added = Interface::add(device);
    if (!added) {
        warn("network: no memory for an interface");
        return nullptr;
    }
    Interface& interface = **added;
    netif& lwip = interface.lwip();
    netif_set_hostname(&lwip, "tenon");
    netif_set_status_callback(&lwip, [](netif*) { address_changed().post(); });
    if (first) netif_set_default(&lwip);
    if (ip.mode == AddressMode::fixed) set_ipv4(interface, ip);
    netif_set_up(&lwip);
    set_ipv6(interface, ip6);
    const bool await = ip.mode == AddressMode::automatic && dhcp_start(&lwip) == ERR_OK;
    return await && first ? &interface : nullptr;
}

void initialize_network() {
    tcpip_init(nullptr, nullptr);
    set_up_loopback();
    bool first = true;
    for (NetDevice* device : net_devices()) {
        if (Interface* waiting = set_up_interface(*device, first); waiting != nullptr) await_dhcp(*waiting);
        first = false;
    }
    for (netif* lwip = netif_list; lwip != nullptr; lwip = lwip->next) {
        if (lwip->name[0] != 'e') continue;
        auto& interface = *static_cast<Interface*>(lwip->state);
        report(interface);
        add_shutdown_hook(drain_interface, &interface);
    }
}
TENON_INIT_STEP(network, initialize_network);

}  // namespace
}  // namespace tenon::net

const ip6_addr_t* tenon_net_ip6_gateway(const netif*) {
    return tenon::net::has_ip6_gateway ? &tenon::net::ip6_gateway : nullptr;
}
