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
    /// What it is counted of: group "disk", instance "vda". Null: of all that there are.
    [[nodiscard]] const char* instance_group() const { return instance_group_; }
    [[nodiscard]] const char* instance() const { return instance_; }

    /// Calls visit(const Counter&) for every counter of the process.
    template <typename Visit>
    static void for_each(Visit&& visit) {
        for (const Counter* counter = first_; counter != nullptr; counter = counter->next_) visit(*counter);
    }

protected:
    Counter(const char* name, const char* instance_group, const char* instance) : Counter(name) {
        instance_group_ = instance_group;
        instance_ = instance;
    }
    void unlist() {
        Counter** place = &first_;
        while (*place != this) place = &(*place)->next_;
        *place = next_;
    }

private:
    const char* name_;
    const char* instance_group_ = nullptr;
    const char* instance_ = nullptr;
    std::atomic<std::uint64_t> value_ = 0;
    Counter* next_;
    static inline Counter* first_ = nullptr;
};

/// Of one of several, which comes and goes; the strings outlive it. Made and unmade on one thread, which is also that
/// of for_each(). Counters of one name are added up where the name is listed.
class InstanceCounter final : public Counter {
public:
    InstanceCounter(const char* name, const char* group, const char* instance) : Counter(name, group, instance) {}
    ~InstanceCounter() { unlist(); }
};

}  // namespace hv
