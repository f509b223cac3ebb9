// SPDX-License-Identifier: Apache-2.0
// Groups that sockets have joined. lwIP only counts an interface's members; this file keeps which sockets they are.
#include <algorithm>
#include <new>

#include "kernel/mm/heap.h"
#include "lwip/igmp.h"
#include "lwip/mld6.h"
#include "userland/posix/net/ip_options.h"

namespace tenon::posix {
namespace {

struct Membership : ListLink<> {
    Socket* socket;
    ip_addr_t group;
    std::uint8_t interface;
    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
    static void operator delete(void* membership) { heap_free(membership); }
    static void operator delete(void* membership, const std::nothrow_t&) { heap_free(membership); }
};

constexpr unsigned most_of_a_socket = 64;

IntrusiveList<Membership>& memberships() {
    static IntrusiveList<Membership> list;
    return list;
}

void leave(Membership& membership) {
    if (netif* interface = netif_get_by_index(membership.interface); interface != nullptr) {
        if (IP_IS_V4_VAL(membership.group))
            (void)igmp_leavegroup_netif(interface, ip_2_ip4(&membership.group));
        else
            (void)mld6_leavegroup_netif(interface, ip_2_ip6(&membership.group));
    }
    memberships().remove(membership);
    delete &membership;
}

}  // namespace

Outcome<> join_group(Socket& socket, const ip_addr_t& group, std::uint8_t interface) {
    if (!ip_addr_ismulticast(&group)) return fail_with(EINVAL);
    netif* joined = interface != 0 ? netif_get_by_index(interface) : netif_default;
    if (joined == nullptr) return fail_with(ENODEV);
    const std::uint8_t index = netif_get_index(joined);
    unsigned count = 0;
    bool known = false;
    memberships().for_each([&](const Membership& other) {
        if (other.socket != &socket) return;
        ++count;
        known |= other.interface == index && ip_addr_cmp_zoneless(&other.group, &group);
    });
    if (known) return fail_with(EADDRINUSE);
    if (count == most_of_a_socket) return fail_with(ENOBUFS);
    auto* made = new (std::nothrow) Membership;
    if (made == nullptr) return fail_with(ENOBUFS);
    made->socket = &socket;
    made->group = group;
    made->interface = index;
    if (IP_IS_V6_VAL(made->group)) ip6_addr_assign_zone(ip_2_ip6(&made->group), IP6_MULTICAST, joined);
    const err_t error = IP_IS_V4_VAL(group) ? igmp_joingroup_netif(joined, ip_2_ip4(&made->group))
                                            : mld6_joingroup_netif(joined, ip_2_ip6(&made->group));
    // Loopback needs neither protocol: every packet sent there arrives.
    if (error != ERR_OK && (joined->flags & NETIF_FLAG_ETHERNET) != 0) {
        delete made;
        return fail_with(error == ERR_MEM ? ENOBUFS : ENODEV);
    }
    memberships().push_back(*made);
    return {};
}

Outcome<> leave_group(Socket& socket, const ip_addr_t& group, std::uint8_t interface) {
    if (IP_IS_V6_VAL(group) && !ip_addr_ismulticast(&group)) return fail_with(EINVAL);
    Membership* found = nullptr;
    memberships().for_each([&](Membership& other) {
        if (other.socket == &socket && ip_addr_cmp_zoneless(&other.group, &group) &&
            (interface == 0 || other.interface == interface))
            found = &other;
    });
    if (found == nullptr) return fail_with(EADDRNOTAVAIL);
    leave(*found);
    return {};
}

bool is_member(const Socket& socket, const ip_addr_t& group, std::uint8_t interface) {
    bool found = false;
    memberships().for_each([&](const Membership& each) {
        found |= each.socket == &socket && each.interface == interface && ip_addr_cmp_zoneless(&each.group, &group);
    });
    return found;
}

void leave_all_groups(Socket& socket) {
    memberships().for_each([&](Membership& membership) {
        if (membership.socket == &socket) leave(membership);
    });
}

}  // namespace tenon::posix
