// SPDX-License-Identifier: Apache-2.0
// One-shot timers.
#pragma once

#include "kernel/time/clock.h"
#include "kernel/time/deadline.h"

namespace tenon {

/// Calls `callback(context)` once at or after a deadline, on the interrupted thread's stack with interrupts masked.
/// Owned by its user; its destructor cancels it. `start` and `cancel` may be called from anywhere, callbacks included.
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
    /// True if it was started and had not fired.
    bool cancel();

private:
    friend class TimerQueue;
    friend class TimerHeap;
    Callback callback_;
    void* context_;
    Nanoseconds deadline_ = no_deadline;
    ClockKind clock_ = ClockKind::monotonic;
    // Links of TimerHeap.
    Timer* parent_ = nullptr;
    Timer* left_ = nullptr;
    Timer* right_ = nullptr;
    bool started_ = false;
};

}  // namespace tenon
