// SPDX-License-Identifier: Apache-2.0
// Counters: declared where they are bumped; /stats and `hv stat` list every counter without registration.
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
    /// The object that is counted, for example group "disk", instance "vda". Null: the whole machine.
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

/// A counter of one object among several, with the object's lifetime; the strings outlive it. Created and destroyed on
/// the thread that calls for_each(). Listings also add up the counters of one name.
class InstanceCounter final : public Counter {
public:
    InstanceCounter(const char* name, const char* group, const char* instance) : Counter(name, group, instance) {}
    ~InstanceCounter() { unlist(); }
};

}  // namespace hv
