// SPDX-License-Identifier: Apache-2.0
// One-shot timers.
#pragma once

#include "kernel/base/intrusive_list.h"
#include "kernel/time/clock.h"

namespace tenon {

/// Calls `callback(context)` once at or after a deadline, on the interrupted thread's stack with interrupts masked.
/// Owned by its user, who cancels it before it goes. `start` and `cancel` may be called from anywhere.
class Timer : public ListLink<Timer> {
public:
    using Callback = void (*)(void* context);
    constexpr Timer(Callback callback, void* context) : callback_(callback), context_(context) {}
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Starts it, or moves its deadline.
    void start(Nanoseconds deadline);
    /// True if it was started and had not fired.
    bool cancel();
    [[nodiscard]] Nanoseconds deadline() const { return deadline_; }

private:
    friend class TimerQueue;
    Callback callback_;
    void* context_;
    Nanoseconds deadline_ = no_deadline;
};

}  // namespace tenon
