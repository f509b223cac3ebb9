// SPDX-License-Identifier: Apache-2.0
// A queue of pointers between threads: lwIP's mailbox.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/mm/heap.h"
#include "kernel/sched/wait.h"
#include "kernel/trap/spin_lock.h"

namespace tenon::net {

/// Of a fixed size, so that posting needs no memory: interrupt handlers post too.
class Mailbox {
public:
    Mailbox() = default;
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    ~Mailbox() { heap_free(ring_); }

    /// Room for `capacity` messages, a power of two. Once, before the first message. False: no memory.
    [[nodiscard]] bool allocate(std::uint32_t capacity) {
        ring_ = static_cast<void**>(heap_allocate(capacity * sizeof(void*)));
        if (ring_ != nullptr) capacity_ = capacity;
        return ring_ != nullptr;
    }

    /// False: full.
    [[nodiscard]] bool try_post(void* message) {
        if (!push(message)) return false;
        // A reader either sees the message, under the lock, or has counted itself as waiting before that.
        if (readers_waiting_.load() != 0) not_empty_.wake(1);
        return true;
    }

    void post(void* message) {
        while (!try_post(message)) {
            writers_waiting_.fetch_add(1);
            not_full_.wait_until([this] { return !full(); });
            writers_waiting_.fetch_sub(1);
        }
    }

    [[nodiscard]] bool try_fetch(void*& message) {
        {
            const SpinLock::Guard guard(lock_);
            if (count_ == 0) return false;
            message = ring_[first_];
            first_ = (first_ + 1) & (capacity_ - 1);
            --count_;
        }
        if (writers_waiting_.load() != 0) not_full_.wake(1);
        return true;
    }

    WaitResult fetch(void*& message, Nanoseconds deadline) {
        if (try_fetch(message)) return WaitResult::woken;
        readers_waiting_.fetch_add(1);
        const WaitResult result = not_empty_.wait_until([&] { return try_fetch(message); }, deadline);
        readers_waiting_.fetch_sub(1);
        return result;
    }

private:
    [[nodiscard]] bool push(void* message) {
        const SpinLock::Guard guard(lock_);
        if (count_ == capacity_) return false;
        ring_[(first_ + count_++) & (capacity_ - 1)] = message;
        return true;
    }
    [[nodiscard]] bool full() {
        const SpinLock::Guard guard(lock_);
        return count_ == capacity_;
    }

    SpinLock lock_{"mailbox"};
    void** ring_ = nullptr;
    std::uint32_t capacity_ = 0;
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
    std::atomic<std::uint32_t> readers_waiting_ = 0;
    std::atomic<std::uint32_t> writers_waiting_ = 0;
    WaitQueue not_empty_{"mailbox"};
    WaitQueue not_full_{"mailbox full"};
};

}  // namespace tenon::net
