// SPDX-License-Identifier: Apache-2.0
// Hashes of connections.
#include "kernel/net/connection_hash.h"

#include <cstring>

#include "kernel/entropy/random.h"

namespace tenon::net {

const SipKey& secret(SipKey& key) {
    if (key[0] == 0 && key[1] == 0) random_bytes(std::as_writable_bytes(std::span(key)));
    return key;
}

std::uint64_t connection_hash(const SipKey& key, const ip_addr_t& local, u16_t local_port, const ip_addr_t& remote,
                              u16_t remote_port, std::uint64_t salt) {
    struct Connection {
        std::uint64_t salt;
        std::uint32_t local[4], remote[4];
        std::uint16_t local_port, remote_port;
        std::uint32_t padding;
    } connection{};
    static_assert(sizeof(Connection) == 48);
    const auto copy = [](std::uint32_t(&words)[4], const ip_addr_t& address) {
        if (IP_IS_V6_VAL(address))
            std::memcpy(words, ip_2_ip6(&address)->addr, sizeof(words));
        else
            words[0] = ip_2_ip4(&address)->addr;
    };
    connection.salt = salt;
    copy(connection.local, local);
    copy(connection.remote, remote);
    connection.local_port = local_port;
    connection.remote_port = remote_port;
    return sip_hash(key, std::span(reinterpret_cast<const std::uint8_t*>(&connection), sizeof(connection)));
}

}  // namespace tenon::net
