// SPDX-License-Identifier: Apache-2.0
// The DNS servers that lwIP asks.
#include "kernel/net/name_servers.h"

#include <cstring>

#include "kernel/net/core_lock.h"
#include "lwip/dns.h"

namespace tenon::net {

static_assert(most_name_servers == DNS_MAX_SERVERS);

void set_name_server(unsigned index, const Ipv4& address) {
    ip_addr_t server{};
    ip_2_ip4(&server)->addr = 0;
    std::memcpy(&ip_2_ip4(&server)->addr, address.data(), address.size());
    IP_SET_TYPE_VAL(server, IPADDR_TYPE_V4);
    const CoreLock lock;
    dns_setserver(static_cast<u8_t>(index), &server);
}

}  // namespace tenon::net
