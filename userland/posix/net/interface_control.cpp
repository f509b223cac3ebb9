// SPDX-License-Identifier: Apache-2.0
// Requests about interfaces, and their names.
#include "userland/posix/net/interface_control.h"

#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "kernel/mm/heap.h"
#include "kernel/net/core_lock.h"
#include "lwip/netif.h"
#include "userland/posix/net/interface_flags.h"

namespace tenon::posix {
namespace {

void put_address(sockaddr& to, std::uint32_t address) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_addr.s_addr = address;
    std::memcpy(&to, &four, sizeof(four));
}

Outcome<> put_own_address(const netif& interface, sockaddr& to, std::uint32_t address) {
    if (netif_ip4_addr(&interface)->addr == 0) return fail_with(EADDRNOTAVAIL);
    put_address(to, address);
    return {};
}

/// Lists interfaces that have an IPv4 address, as far as there is room; without a buffer, returns the size of the list.
Outcome<> list(ifconf& result) {
    int done = 0;
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next) {
        if (netif_ip4_addr(interface)->addr == 0) continue;
        ifreq entry{};
        netif_index_to_name(netif_get_index(interface), entry.ifr_name);
        put_address(entry.ifr_addr, netif_ip4_addr(interface)->addr);
        if (result.ifc_buf != nullptr) {
            if (result.ifc_len - done < static_cast<int>(sizeof(entry))) break;
            std::memcpy(result.ifc_buf + done, &entry, sizeof(entry));
        }
        done += static_cast<int>(sizeof(entry));
    }
    result.ifc_len = done;
    return {};
}

Outcome<> answer_about(const netif& interface, unsigned long request, ifreq& result) {
    const std::uint32_t address = netif_ip4_addr(&interface)->addr, mask = netif_ip4_netmask(&interface)->addr;
    switch (request) {
        case SIOCGIFFLAGS: result.ifr_flags = static_cast<short>(flags_of(interface)); return {};
        case SIOCGIFADDR: return put_own_address(interface, result.ifr_addr, address);
        case SIOCGIFNETMASK: return put_own_address(interface, result.ifr_netmask, mask);
        case SIOCGIFBRDADDR:
            return put_own_address(interface, result.ifr_broadaddr, is_loopback(interface) ? 0 : address | ~mask);
        case SIOCGIFDSTADDR: return put_own_address(interface, result.ifr_dstaddr, address);
        case SIOCGIFMTU: result.ifr_mtu = mtu_of(interface); return {};
        case SIOCGIFMETRIC: result.ifr_metric = 0; return {};
        case SIOCGIFTXQLEN: result.ifr_qlen = 1000; return {};
        case SIOCGIFINDEX: result.ifr_ifindex = netif_get_index(&interface); return {};
        case SIOCGIFHWADDR:
            std::memset(&result.ifr_hwaddr, 0, sizeof(result.ifr_hwaddr));
            result.ifr_hwaddr.sa_family = is_loopback(interface) ? ARPHRD_LOOPBACK : ARPHRD_ETHER;
            if (!is_loopback(interface)) std::memcpy(result.ifr_hwaddr.sa_data, interface.hwaddr, interface.hwaddr_len);
            return {};
        default: return fail_with(ENOTTY);
    }
}

}  // namespace

Outcome<int> control_interface(unsigned long request, void* argument) {
    // Requests that change an interface: the machine's owner sets addresses, not the program.
    if (request == SIOCSIFADDR || request == SIOCSIFFLAGS || request == SIOCSIFNETMASK || request == SIOCSIFMTU)
        return fail_with(EPERM);
    const bool known = (request >= SIOCGIFNAME && request <= SIOCGIFINDEX) || request == SIOCGIFTXQLEN;
    if (!known) return fail_with(ENOTTY);
    if (argument == nullptr) return fail_with(EFAULT);
    const net::CoreLock lock;
    if (request == SIOCGIFCONF) {
        CHECK(list(*static_cast<ifconf*>(argument)));
        return 0;
    }
    auto& wish = *static_cast<ifreq*>(argument);
    if (request == SIOCGIFNAME) {
        const std::uint8_t index = interface_index(static_cast<unsigned>(wish.ifr_ifindex));
        if (netif_get_by_index(index) == nullptr) return fail_with(ENODEV);
        netif_index_to_name(index, wish.ifr_name);
        return 0;
    }
    wish.ifr_name[IFNAMSIZ - 1] = 0;
    const netif* interface = netif_find(wish.ifr_name);
    if (interface == nullptr) return fail_with(ENODEV);
    CHECK(answer_about(*interface, request, wish));
    return 0;
}

unsigned flags_of(const netif& interface) {
    unsigned flags = 0;
    if ((interface.flags & NETIF_FLAG_UP) != 0) flags |= IFF_UP;
    if ((interface.flags & (NETIF_FLAG_UP | NETIF_FLAG_LINK_UP)) == (NETIF_FLAG_UP | NETIF_FLAG_LINK_UP))
        flags |= IFF_RUNNING;
    if (is_loopback(interface)) return flags | IFF_LOOPBACK;
    return flags | IFF_BROADCAST | IFF_MULTICAST;
}

extern "C" {

unsigned int if_nametoindex(const char* name) {
    const net::CoreLock lock;
    const unsigned index = netif_name_to_index(name);
    if (index == 0) errno = ENODEV;
    return index;
}

char* if_indextoname(unsigned int index, char* name) {
    const net::CoreLock lock;
    char* found = netif_index_to_name(interface_index(index), name);
    if (found == nullptr) errno = ENXIO;
    return found;
}

struct if_nameindex* if_nameindex(void) {
    const net::CoreLock lock;
    std::size_t count = 0;
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next) ++count;
    // The names stand behind the entries.
    auto* list = static_cast<struct if_nameindex*>(
        heap_allocate((count + 1) * sizeof(struct if_nameindex) + count * IF_NAMESIZE));
    if (list == nullptr) {
        errno = ENOBUFS;
        return nullptr;
    }
    char* name = reinterpret_cast<char*>(list + count + 1);
    std::size_t i = 0;
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next, name += IF_NAMESIZE) {
        netif_index_to_name(netif_get_index(interface), name);
        list[i++] = {netif_get_index(interface), name};
    }
    list[i] = {0, nullptr};
    return list;
}

void if_freenameindex(struct if_nameindex* list) { heap_free(list); }

}  // extern "C"

}  // namespace tenon::posix
