// SPDX-License-Identifier: Apache-2.0
// Initial sequence numbers: a clock plus a secret function of the connection (RFC 6528). The clock ticks every 64 ns,
// as Linux's does, not every 4 us: on a fast link a connection can use up sequence numbers faster than that, and its
// TIME_WAIT would refuse a new connection of the same address pair. The clock wraps in 4.5 minutes, far beyond
// TIME_WAIT's minute.
#include "kernel/net/connection_hash.h"
#include "kernel/net/time_wait.h"
#include "kernel/time/clock.h"
#include "lwip/opt.h"
// lwIP's headers do not include each other in every order.
#include "hooks.h"

u32_t tenon_net_initial_sequence(const ip_addr_t* local, u16_t local_port, const ip_addr_t* remote, u16_t remote_port) {
    tenon::net::limit_time_wait();  // here, because lwIP asks for a number once for each new connection
    static constinit tenon::net::SipKey key{};
    const std::uint64_t hash =
        tenon::net::connection_hash(tenon::net::secret(key), *local, local_port, *remote, remote_port);
    return static_cast<u32_t>(hash + tenon::monotonic_now() / 64);
}
