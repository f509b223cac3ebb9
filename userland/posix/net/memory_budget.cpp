// SPDX-License-Identifier: Apache-2.0
// The memory that all sockets together may hold.
#include "userland/posix/net/memory_budget.h"

#include <algorithm>

#include "kernel/mm/page_allocator.h"
#include "kernel/net/tcp/sender.h"

namespace tenon::posix {
namespace {

// Fractions of the machine's RAM, and of the I/O zone.
constexpr std::size_t unread_share = 3, window_share = 8, zone_reserve_share = 8;
/// The least and the most connections that what is free is shared among: even a single one leaves some to others.
constexpr std::size_t fewest_sharers = 2, most_sharers = 64;

std::size_t ram() { return memory_statistics().total_bytes; }

}  // namespace

bool MemoryBudget::take_unread(std::size_t size) {
    if (unread_ + size > ram() / unread_share) return false;
    unread_ += size;
    return true;
}

bool MemoryBudget::take_window(std::size_t size) {
    if (windows_ + size > ram() / window_share) return false;
    windows_ += size;
    return true;
}

std::size_t MemoryBudget::share_of_zone() {
    const MemoryStatistics statistics = memory_statistics();
    const std::size_t free = statistics.dma_free_bytes, total = statistics.dma_total_bytes;
    if (free >= total / 4 * 3) return no_limit;
    return free <= total / zone_reserve_share ? 0
                                              : free / std::clamp(net::sender_count(), fewest_sharers, most_sharers);
}

MemoryBudget& memory_budget() {
    static MemoryBudget budget;
    return budget;
}

}  // namespace tenon::posix
