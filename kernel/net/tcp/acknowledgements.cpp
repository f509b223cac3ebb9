// SPDX-License-Identifier: Apache-2.0
// Which connections owe an acknowledgement at the end of a batch.
#include "kernel/net/tcp/acknowledgements.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "lwip/priv/tcp_priv.h"
// lwIP's headers do not include each other in every order.
#include "hooks.h"

namespace tenon::net {
namespace {

/// More than this does not wait: the peer's window must not run out meanwhile.
constexpr std::uint32_t most_bytes = 32 * 1024;
constexpr std::size_t most_connections = 16;

struct Owed {
    tcp_pcb* pcb;
    std::uint32_t bytes;
};

// With the core lock held.
constinit std::array<Owed, most_connections> owed{};
constinit std::size_t count = 0;
constinit bool in_batch = false;

Owed* find(const tcp_pcb& pcb) {
    const auto end = owed.begin() + count;
    const auto found = std::find_if(owed.begin(), end, [&](const Owed& entry) { return entry.pcb == &pcb; });
    return found != end ? &*found : nullptr;
}

}  // namespace

void begin_acknowledgement_batch() { in_batch = true; }

void end_acknowledgement_batch() {
    in_batch = false;
    // Those that were acknowledged meanwhile, by data for example, do not wait any more.
    for (std::size_t i = 0; i < count; ++i) {
        tcp_pcb* pcb = owed[i].pcb;
        if ((pcb->flags & TF_ACK_DELAY) == 0) continue;
        tcp_ack_now(pcb);
        (void)tcp_output(pcb);
    }
    count = 0;
}

void forget_acknowledgement(const tcp_pcb& pcb) {
    if (Owed* entry = find(pcb); entry != nullptr) *entry = owed[--count];
}

}  // namespace tenon::net

using namespace tenon::net;

int tenon_net_tcp_acknowledge_later(tcp_pcb* pcb, u32_t size) {
    if (!in_batch) return 0;
    Owed* entry = find(*pcb);
    if (entry == nullptr) {
        if (count == owed.size()) return 0;
        entry = &(owed[count++] = {pcb, 0});
    }
    entry->bytes += size;
    if (entry->bytes < most_bytes) return 1;
    *entry = owed[--count];
    return 0;
}
