// SPDX-License-Identifier: Apache-2.0
// How much memory sockets may hold, all together: by the machine's size, as Linux's tcp_mem.
#pragma once

#include <cstddef>

namespace tenon::posix {

/// Counted with the core lock held.
class MemoryBudget {
public:
    /// Bytes that were received and not yet read; beyond the limit nothing more is taken in.
    bool take_unread(std::size_t size);
    void give_unread(std::size_t size) { unread_ -= size; }
    /// What windows may grow to beyond their first size; what is promised to a peer may come at once.
    [[nodiscard]] bool take_window(std::size_t size);
    void give_window(std::size_t size) { windows_ -= size; }
    /// There is room in the I/O zone for data that is to be sent, besides what control packets need.
    [[nodiscard]] static bool may_send();

private:
    std::size_t unread_ = 0, windows_ = 0;
};

MemoryBudget& memory_budget();

}  // namespace tenon::posix
