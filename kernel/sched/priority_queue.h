// SPDX-License-Identifier: Apache-2.0
// Runnable threads of one vCPU, by priority.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

#include "kernel/base/intrusive_list.h"

namespace tenon {

struct RunTag;

/// A runnable thread runs before all threads of lower priority; threads of equal priority take turns in time slices.
enum class Priority : std::uint8_t { idle = 0, low = 8, normal = 16, network = 20, tools = 24, highest = 31 };

/// Threads in order of arrival for each priority; none has Priority::idle. A `T` has priority() and
/// may_run_on(vCPU index), which do not change while it is in a queue, and is a ListLink<RunTag>. The caller locks.
template <typename T>
class PriorityQueue {
public:
    void push_back(T& thread) {
        threads_[number(thread)].push_back(thread);
        occupied_.store(occupied() | 1U << number(thread), std::memory_order_relaxed);
    }
    void push_front(T& thread) {
        threads_[number(thread)].push_front(thread);
        occupied_.store(occupied() | 1U << number(thread), std::memory_order_relaxed);
    }
    /// `thread` is in this queue.
    void remove(T& thread) {
        IntrusiveList<T, RunTag>::remove(thread);
        if (threads_[number(thread)].empty())
            occupied_.store(occupied() & ~(1U << number(thread)), std::memory_order_relaxed);
    }
    /// Removes and returns the most urgent thread; null if there is none.
    T* pop() {
        if (empty()) return nullptr;
        T* thread = threads_[static_cast<unsigned>(std::bit_width(occupied()) - 1)].front();
        remove(*thread);
        return thread;
    }
    /// Removes and returns the most urgent thread above `floor` that may run on `vcpu`; null if there is none.
    T* take_for(std::uint32_t vcpu, Priority floor) {
        for (std::uint32_t left = occupied(); left != 0;) {
            const auto priority = static_cast<unsigned>(std::bit_width(left) - 1);
            if (priority <= static_cast<unsigned>(floor)) break;
            left &= ~(1U << priority);
            T* found = threads_[priority].find([vcpu](const T& thread) { return thread.may_run_on(vcpu); });
            if (found == nullptr) continue;
            remove(*found);
            return found;
        }
        return nullptr;
    }
    // The following may be called without the lock, and then say what was so a moment ago.
    [[nodiscard]] bool empty() const { return occupied() == 0; }
    /// The most urgent thread's priority; Priority::idle: there is none.
    [[nodiscard]] Priority top() const { return static_cast<Priority>(std::bit_width(occupied() | 1) - 1); }
    [[nodiscard]] bool has(Priority priority) const {
        return ((occupied() >> static_cast<unsigned>(priority)) & 1) != 0;
    }
    [[nodiscard]] bool has_above(Priority priority) const {
        return (occupied() >> static_cast<unsigned>(priority)) > 1;
    }

private:
    static unsigned number(const T& thread) { return static_cast<unsigned>(thread.priority()); }

    [[nodiscard]] std::uint32_t occupied() const { return occupied_.load(std::memory_order_relaxed); }

    std::atomic<std::uint32_t> occupied_ = 0;  // a bit for each priority with threads
    IntrusiveList<T, RunTag> threads_[32];
};

}  // namespace tenon
