// SPDX-License-Identifier: Apache-2.0
// Spin locks, and data that cannot be reached without its lock.
#pragma once

#include <atomic>
#include <utility>

#include "kernel/trap/interrupts.h"

namespace tenon {

/// Held with interrupts masked, for a few hundred instructions at most; never across anything that blocks.
class SpinLock {
public:
    constexpr explicit SpinLock(const char* name) : name_(name) {}
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

    class [[nodiscard]] Guard {
    public:
        explicit Guard(SpinLock& lock) : lock_(lock) { lock_.acquire(); }
        ~Guard() { lock_.release(); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

    private:
        interrupts::Masked masked_;  // destroyed after the lock is released
        SpinLock& lock_;
    };

    /// Interrupts are masked by the caller.
    void acquire() {
        if (!try_acquire()) [[unlikely]]
            wait();
    }
    [[nodiscard]] bool try_acquire() { return !locked_.exchange(true, std::memory_order_acquire); }
    void release() { locked_.store(false, std::memory_order_release); }
    [[nodiscard]] const char* name() const { return name_; }

private:
    void wait();
    std::atomic<bool> locked_ = false;
    const char* name_;
};

/// A value that can only be reached while its lock is held: `heap.with([](Heap& h) { ... })`.
template <typename T>
class Locked {
public:
    template <typename... Arguments>
    constexpr explicit Locked(const char* name, Arguments&&... arguments)
        : lock_(name), value_(std::forward<Arguments>(arguments)...) {}

    template <typename Body>
    decltype(auto) with(Body&& body) {
        SpinLock::Guard guard(lock_);
        return std::forward<Body>(body)(value_);
    }

private:
    SpinLock lock_;
    T value_;
};

}  // namespace tenon
