// SPDX-License-Identifier: Apache-2.0
// A keyed hash of a connection's two ends: numbers that only this machine can know beforehand.
#pragma once

#include <cstdint>

#include "kernel/net/sip_hash.h"
#include "lwip/ip_addr.h"

namespace tenon::net {

/// A secret that is drawn at its first use. All with the core lock held.
[[nodiscard]] const SipKey& secret(SipKey& key);

/// `salt` makes different numbers for one connection.
[[nodiscard]] std::uint64_t connection_hash(const SipKey& key, const ip_addr_t& local, u16_t local_port,
                                            const ip_addr_t& remote, u16_t remote_port, std::uint64_t salt = 0);

}  // namespace tenon::net
