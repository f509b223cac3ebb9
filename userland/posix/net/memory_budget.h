// SPDX-License-Identifier: Apache-2.0
// The memory that all sockets together may hold: by the machine's size, as Linux's tcp_mem.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::posix {

/// Counted with the core lock held.
class MemoryBudget {
public:
    /// Bytes that were received and not yet read; beyond the limit no more are accepted.
    bool take_unread(std::size_t size);
    void give_unread(std::size_t size) { unread_ -= size; }
    /// The sum by which windows may grow beyond their first size: a peer may send all of its window at once.
    [[nodiscard]] bool take_window(std::size_t size);
    void give_window(std::size_t size) { windows_ -= size; }
    /// The bytes of the I/O zone that one connection's data may take now: `no_limit` while most of the zone is free,
    /// then a part of what is left, and 0 when the rest is for control packets.
    [[nodiscard]] static std::size_t share_of_zone();
    static constexpr std::size_t no_limit = SIZE_MAX;

private:
    std::size_t unread_ = 0, windows_ = 0;
};

MemoryBudget& memory_budget();

}  // namespace tenon::posix
