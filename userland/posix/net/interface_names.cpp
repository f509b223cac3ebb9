// SPDX-License-Identifier: Apache-2.0
// Names of interfaces, and if_nametoindex and its relatives.
#include "userland/posix/net/interface_names.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "kernel/mm/heap.h"
#include "kernel/net/core_lock.h"
#include "userland/posix/net/interface_flags.h"

namespace tenon::posix {

void name_interface(const netif& interface, char* name) {
    if (is_loopback(interface))
        std::strcpy(name, "lo");
    else
        netif_index_to_name(netif_get_index(&interface), name);
}

netif* interface_by_name(const char* name) {
    for (netif* interface = netif_list; interface != nullptr; interface = interface->next) {
        char its_name[IF_NAMESIZE] = {};
        name_interface(*interface, its_name);
        if (std::strcmp(its_name, name) == 0) return interface;
    }
    return nullptr;
}

netif* interface_by_index(unsigned index) {
    return index <= UINT8_MAX ? netif_get_by_index(static_cast<u8_t>(index)) : nullptr;
}

extern "C" {

unsigned int if_nametoindex(const char* name) {
    const net::CoreLock lock;
    const netif* found = interface_by_name(name);
    if (found == nullptr) errno = ENODEV;
    return found != nullptr ? netif_get_index(found) : 0;
}

char* if_indextoname(unsigned int index, char* name) {
    const net::CoreLock lock;
    const netif* found = interface_by_index(index);
    if (found == nullptr) {
        errno = ENXIO;
        return nullptr;
    }
    name_interface(*found, name);
    return name;
}

struct if_nameindex* if_nameindex(void) {
    const net::CoreLock lock;
    std::size_t count = 0;
    for_each_interface([&](const netif&) { ++count; });
    // The names stand behind the entries.
    auto* list = static_cast<struct if_nameindex*>(
        heap_allocate((count + 1) * sizeof(struct if_nameindex) + count * IF_NAMESIZE));
    if (list == nullptr) {
        errno = ENOBUFS;
        return nullptr;
    }
    char* name = reinterpret_cast<char*>(list + count + 1);
    std::size_t i = 0;
    for_each_interface([&](const netif& interface) {
        name_interface(interface, name);
        list[i++] = {netif_get_index(&interface), name};
        name += IF_NAMESIZE;
    });
    list[i] = {0, nullptr};
    return list;
}

void if_freenameindex(struct if_nameindex* list) { heap_free(list); }

}  // extern "C"

}  // namespace tenon::posix
