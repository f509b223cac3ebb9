// SPDX-License-Identifier: Apache-2.0
// A time limit for calls into the program. A call cannot be aborted: when it takes too long, a function is called.
#pragma once

#include "kernel/lifecycle/power.h"
#include "kernel/time/timer.h"

namespace tenon {

/// For one kind of call, on one thread at a time. Lives as long as the machine.
class CallLimit {
public:
    /// `late()` runs on the power thread when a call exceeds its limit; the call may end at the same time.
    constexpr explicit CallLimit(void (*late)()) : task_{late} {}
    CallLimit(const CallLimit&) = delete;
    CallLimit& operator=(const CallLimit&) = delete;

    /// Runs `call()`, which may take `limit`.
    template <typename Call>
    void watch(Nanoseconds limit, Call&& call) {
        timer_.start(monotonic_now() + limit);
        call();
        (void)timer_.cancel();
    }

private:
    PowerTask task_;
    Timer timer_{[](void* self) { run_on_power_thread(static_cast<CallLimit*>(self)->task_); }, this};
};

}  // namespace tenon
