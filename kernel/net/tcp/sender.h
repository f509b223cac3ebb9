// SPDX-License-Identifier: Apache-2.0
// The loss recovery of lwIP's connections.
#pragma once

#include "kernel/net/tcp/loss_recovery.h"

struct tcp_pcb;

namespace tenon::net {

/// Null: the connection has sent no data yet. With the core lock held.
[[nodiscard]] const LossRecovery* loss_recovery_of(const tcp_pcb& pcb);

/// How many connections there are that have sent data.
[[nodiscard]] std::size_t sender_count();

}  // namespace tenon::net
