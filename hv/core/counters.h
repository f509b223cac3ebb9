// SPDX-License-Identifier: Apache-2.0
// Counters: declared where they are bumped, listed by /stats and `hv stat` by themselves.
#pragma once

#include <atomic>
#include <cstdint>

namespace hv {

/// A monotonic counter with static storage duration. `name` is dotted lower_snake ("net.tx_bytes"), from a literal.
/// Bumped from one thread at a time or from several: relaxed atomics, no lock.
class Counter {
public:
    explicit Counter(const char* name) : name_(name), next_(first_) { first_ = this; }
    Counter(const Counter&) = delete;
    Counter& operator=(const Counter&) = delete;

    void add(std::uint64_t amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }
    [[nodiscard]] const char* name() const { return name_; }

    /// Calls visit(const Counter&) for every counter of the process.
    template <typename Visit>
    static void for_each(Visit&& visit) {
        for (const Counter* counter = first_; counter != nullptr; counter = counter->next_) visit(*counter);
    }

private:
    const char* name_;
    std::atomic<std::uint64_t> value_ = 0;
    const Counter* next_;
    static inline const Counter* first_ = nullptr;
};

}  // namespace hv
