// SPDX-License-Identifier: Apache-2.0
// The memory that all sockets together may hold: by the machine's size, as Linux's tcp_mem.
#pragma once

#include <cstddef>

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
    /// There is room in the I/O zone for data that is to be sent, besides what control packets need.
    [[nodiscard]] static bool may_send();
    /// Half of the I/O zone is in use: a connection may then queue no more than its peer takes now.
    [[nodiscard]] static bool zone_is_short();

private:
    std::size_t unread_ = 0, windows_ = 0;
};

MemoryBudget& memory_budget();

}  // namespace tenon::posix
