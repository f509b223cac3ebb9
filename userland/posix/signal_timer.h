// SPDX-License-Identifier: Apache-2.0
// A timer that sends a signal to the process, or to a thread.
#pragma once

#include <signal.h>

#include "kernel/lifecycle/power.h"
#include "userland/posix/periodic_timer.h"
#include "userland/pthread/control.h"

namespace tenon::posix {

/// A timer expires in interrupt context, where no signal can be sent: a thread sends it. It lives as long as the
/// machine, because that thread may be about to.
class SignalTimer {
public:
    explicit SignalTimer(ClockKind clock);

    /// What is sent; number 0: nothing. Before the timer is started.
    void set_signal(const siginfo_t& signal) { signal_ = signal; }
    PeriodicTimer& timer() { return timer_; }
    /// Expirations behind the one whose signal was sent last (timer_getoverrun).
    [[nodiscard]] int overrun() const { return overrun_.load(); }

    /// For who keeps timers.
    bool is_used = false;

private:
    void send();
    static void send_all();
    static void expired(void* self);

    siginfo_t signal_ = {};
    std::atomic<int> overrun_ = 0;
    std::atomic<bool> is_due_ = false;
    SignalTimer* next_ = nullptr;  ///< in the list of all
    PeriodicTimer timer_;
};

}  // namespace tenon::posix
