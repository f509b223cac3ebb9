// SPDX-License-Identifier: Apache-2.0
// Closing a program's sockets at its end, as an operating system does for a process.
#include "userland/posix/net/endings.h"

#include "kernel/lifecycle/power.h"
#include "kernel/sched/thread.h"
#include "lwip/priv/tcp_priv.h"
#include "userland/posix/net/open_sockets.h"
#include "userland/posix/net/socket.h"

namespace tenon::posix {
namespace {

constexpr Nanoseconds millisecond = 1'000'000;
/// Time limits: for all data that the peers still take, and for one peer that takes no more.
constexpr Nanoseconds longest = 5000 * millisecond, longest_without_progress = 500 * millisecond;

struct Unfinished {
    std::size_t bytes = 0;
    std::size_t connections = 0;
};

/// Data or the end has not been acknowledged.
bool is_unfinished(const tcp_pcb& pcb) { return pcb.unsent != nullptr || pcb.unacked != nullptr; }

Unfinished look() {
    Unfinished found;
    for (const tcp_pcb* pcb = tcp_active_pcbs; pcb != nullptr; pcb = pcb->next) {
        if (!is_unfinished(*pcb)) continue;
        ++found.connections;
        found.bytes += pcb->snd_lbb - pcb->lastack;
    }
    return found;
}

void close_sockets(void*) {
    for (;;) {
        Socket* socket = nullptr;
        {
            const net::CoreLock lock;
            socket = open_sockets().front();
        }
        if (socket == nullptr) break;
        socket->close_at_end();
    }
    Nanoseconds now = monotonic_now();
    const Nanoseconds deadline = now + longest;
    Nanoseconds stalled_since = now;
    std::size_t before = SIZE_MAX;
    while (now < deadline && now - stalled_since < longest_without_progress) {
        Unfinished left;
        {
            const net::CoreLock lock;
            left = look();
        }
        if (left.connections == 0) return;
        if (left.bytes != before) stalled_since = now;
        before = left.bytes;
        Thread::sleep_until(now + millisecond);
        now = monotonic_now();
    }
    // Peers that have not taken everything get a reset.
    const net::CoreLock lock;
    for (tcp_pcb *pcb = tcp_active_pcbs, *next; pcb != nullptr; pcb = next) {
        next = pcb->next;
        if (is_unfinished(*pcb)) tcp_abort(pcb);
    }
}

}  // namespace

void close_sockets_at_the_end() { add_shutdown_hook(close_sockets, nullptr); }

}  // namespace tenon::posix
