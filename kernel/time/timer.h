// SPDX-License-Identifier: Apache-2.0
// One-shot timers.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/time/clock.h"
#include "kernel/time/deadline.h"

namespace tenon {

/// Calls `callback(context)` once at or after a deadline, on the vCPU that started it, on the interrupted thread's
/// stack with interrupts masked. Owned by its user; its destructor cancels it. `start` and `cancel` may be called from
/// anywhere, callbacks included.
class Timer {
public:
    using Callback = void (*)(void* context);
    constexpr Timer(Callback callback, void* context) : callback_(callback), context_(context) {}
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Starts it, or moves its deadline.
    void start(Deadline deadline);
    /// The same for a caller that blocks right away with interrupts masked: the hardware timer is programmed at the
    /// switch, and not at all if the vCPU becomes idle.
    void start_before_switch(Deadline deadline);
    /// True if it was started and had not fired. Waits for its callback if that runs on another vCPU: the caller holds
    /// no lock that the callback takes.
    bool cancel();

private:
    friend class TimerQueue;
    friend class TimerHeap;
    void wait_for_callback() const;
    Callback callback_;
    void* context_;
    Nanoseconds deadline_ = no_deadline;
    ClockKind clock_ = ClockKind::monotonic;
    // Links of TimerHeap.
    Timer* parent_ = nullptr;
    Timer* left_ = nullptr;
    Timer* right_ = nullptr;
    std::atomic<std::uint32_t> home_ = 0;  // vCPU in whose heap it is, or was last; its lock guards all other fields
    bool started_ = false;
};

}  // namespace tenon
