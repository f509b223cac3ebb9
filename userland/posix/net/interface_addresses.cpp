// SPDX-License-Identifier: Apache-2.0
// getifaddrs: all addresses of all interfaces.
#include <ifaddrs.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <netpacket/packet.h>

#include <cerrno>
#include <cstring>
#include <new>

#include "kernel/mm/heap.h"
#include "kernel/net/core_lock.h"
#include "userland/posix/net/endpoint.h"
#include "userland/posix/net/interface_flags.h"
#include "userland/posix/net/interface_names.h"

namespace tenon::posix {
namespace {

/// An entry and all that it points to, in one piece of memory.
struct Entry {
    ifaddrs head;
    char name[IF_NAMESIZE];
    sockaddr_storage address, mask, broadcast;
};

/// lwIP keeps no prefix with an IPv6 address: it takes all of them for subnets of this size.
constexpr unsigned ipv6_prefix = 64;

class List {
public:
    /// The entry, without an address; null: no memory.
    Entry* add(const netif& interface) {
        auto* entry = static_cast<Entry*>(heap_allocate_zeroed(sizeof(Entry)));
        if (entry == nullptr) return nullptr;
        name_interface(interface, entry->name);
        entry->head.ifa_name = entry->name;
        entry->head.ifa_flags = flags_of(interface);
        *next_ = &entry->head;
        next_ = &entry->head.ifa_next;
        return entry;
    }
    [[nodiscard]] ifaddrs* first() const { return first_; }

private:
    ifaddrs* first_ = nullptr;
    ifaddrs** next_ = &first_;
};

sockaddr* generic(sockaddr_storage& storage) { return reinterpret_cast<sockaddr*>(&storage); }

bool add_link(List& list, const netif& interface) {
    Entry* entry = list.add(interface);
    if (entry == nullptr) return false;
    auto& link = reinterpret_cast<sockaddr_ll&>(entry->address);
    link.sll_family = AF_PACKET;
    link.sll_ifindex = netif_get_index(&interface);
    link.sll_hatype = is_loopback(interface) ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
    link.sll_halen = 6;
    if (!is_loopback(interface)) std::memcpy(link.sll_addr, interface.hwaddr, interface.hwaddr_len);
    entry->head.ifa_addr = generic(entry->address);
    return true;
}

bool add_ipv4(List& list, const netif& interface) {
    const std::uint32_t address = netif_ip4_addr(&interface)->addr, mask = netif_ip4_netmask(&interface)->addr;
    if (address == 0) return true;
    Entry* entry = list.add(interface);
    if (entry == nullptr) return false;
    Endpoint end{};
    ip_addr_set_ip4_u32_val(end.address, address);
    store_endpoint(end, AF_INET, entry->address);
    ip_addr_set_ip4_u32_val(end.address, mask);
    store_endpoint(end, AF_INET, entry->mask);
    ip_addr_set_ip4_u32_val(end.address, is_loopback(interface) ? address : address | ~mask);
    store_endpoint(end, AF_INET, entry->broadcast);
    entry->head.ifa_addr = generic(entry->address);
    entry->head.ifa_netmask = generic(entry->mask);
    entry->head.ifa_broadaddr = generic(entry->broadcast);
    return true;
}

bool add_ipv6(List& list, const netif& interface) {
    for (s8_t i = 0; i < LWIP_IPV6_NUM_ADDRESSES; ++i) {
        if (!ip6_addr_isvalid(netif_ip6_addr_state(&interface, i))) continue;
        Entry* entry = list.add(interface);
        if (entry == nullptr) return false;
        Endpoint end{};
        ip_addr_copy_from_ip6(end.address, *netif_ip6_addr(&interface, i));
        store_endpoint(end, AF_INET6, entry->address);
        auto& mask = reinterpret_cast<sockaddr_in6&>(entry->mask);
        mask.sin6_family = AF_INET6;
        std::memset(&mask.sin6_addr, 0xFF, (is_loopback(interface) ? 128 : ipv6_prefix) / 8);
        entry->head.ifa_addr = generic(entry->address);
        entry->head.ifa_netmask = generic(entry->mask);
    }
    return true;
}

}  // namespace

extern "C" {

int getifaddrs(ifaddrs** result) {
    List list;
    bool enough = true;
    {
        const net::CoreLock lock;
        // Linux: all links, then all addresses of a family.
        for (bool (*add)(List&, const netif&) : {add_link, add_ipv4, add_ipv6})
            for_each_interface([&](const netif& interface) { enough = enough && add(list, interface); });
    }
    if (!enough) {
        freeifaddrs(list.first());
        errno = ENOMEM;
        return -1;
    }
    *result = list.first();
    return 0;
}

void freeifaddrs(ifaddrs* list) {
    while (list != nullptr) {
        ifaddrs* next = list->ifa_next;
        heap_free(list);
        list = next;
    }
}

}  // extern "C"

}  // namespace tenon::posix
