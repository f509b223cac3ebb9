// SPDX-License-Identifier: Apache-2.0
// How much a RAM file system may hold.
#pragma once

#include <atomic>
#include <cstdint>

namespace tenon::tmpfs {

/// Counts pages, or inodes, up to a limit.
class Budget {
public:
    explicit Budget(std::uint64_t limit) : limit_(limit) {}
    [[nodiscard]] bool take() {
        if (used_.fetch_add(1, std::memory_order_relaxed) < limit_) return true;
        give_back();
        return false;
    }
    void give_back() { used_.fetch_sub(1, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t limit() const { return limit_; }
    [[nodiscard]] std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> used_ = 0;
    std::uint64_t limit_;
};

}  // namespace tenon::tmpfs
