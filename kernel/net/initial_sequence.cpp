// SPDX-License-Identifier: Apache-2.0
// Initial sequence numbers: a clock plus a secret function of the connection (RFC 6528). The clock ticks every 64 ns,
// as Linux's does, not every 4 us: on a fast link a connection can use up sequence numbers faster than that, and its
// TIME_WAIT would refuse a new connection of the same address pair. The clock wraps in 4.5 minutes, far beyond
// TIME_WAIT's minute.
#include <cstring>

#include "kernel/entropy/random.h"
#include "kernel/net/sip_hash.h"
#include "kernel/net/time_wait.h"
#include "kernel/time/clock.h"
#include "lwip/opt.h"
// lwIP's headers do not include each other in every order.
#include "hooks.h"

u32_t tenon_net_initial_sequence(const ip_addr_t* local, u16_t local_port, const ip_addr_t* remote, u16_t remote_port) {
    tenon::net::limit_time_wait();  // here, because lwIP asks for a number once for each new connection

    // The secret is drawn at the first connection. lwIP's core lock is held.
    static tenon::net::SipKey key{};
    if (key[0] == 0 && key[1] == 0) tenon::random_bytes(std::as_writable_bytes(std::span(key)));

    struct Connection {
        std::uint32_t local[4], remote[4];
        std::uint16_t local_port, remote_port;
    } connection{};
    static_assert(sizeof(Connection) == 36);
    const auto copy = [](std::uint32_t(&words)[4], const ip_addr_t* address) {
        if (IP_IS_V6(address))
            std::memcpy(words, ip_2_ip6(address)->addr, sizeof(words));
        else
            words[0] = ip_2_ip4(address)->addr;
    };
    copy(connection.local, local);
    copy(connection.remote, remote);
    connection.local_port = local_port;
    connection.remote_port = remote_port;
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(&connection), sizeof(connection));
    return static_cast<u32_t>(tenon::net::sip_hash(key, bytes) + tenon::monotonic_now() / 64);
}
