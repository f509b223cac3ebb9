// SPDX-License-Identifier: Apache-2.0
// A timer that sends a signal.
#include "userland/posix/signal_timer.h"

#include "userland/posix/signals.h"

namespace tenon::posix {

namespace {
constinit std::atomic<SignalTimer*> timers = nullptr;
}

SignalTimer::SignalTimer(ClockKind clock) : timer_(clock, expired, this) {
    next_ = timers.load();
    while (!timers.compare_exchange_weak(next_, this)) {
    }
}

void SignalTimer::expired(void* self) {
    static constinit PowerTask task{send_all};
    static_cast<SignalTimer*>(self)->is_due_.store(true);
    run_on_power_thread(task);
}

void SignalTimer::send_all() {
    for (SignalTimer* timer = timers.load(); timer != nullptr; timer = timer->next_)
        if (timer->is_due_.exchange(false)) timer->send();
}

void SignalTimer::send() {
    const std::uint64_t expirations = timer_.take_expirations();
    // It was stopped meanwhile.
    if (expirations == 0 || signal_.si_signo == 0) return;
    overrun_.store(static_cast<int>(expirations - 1));
    (void)signals::post(signal_, nullptr);
}

}  // namespace tenon::posix
