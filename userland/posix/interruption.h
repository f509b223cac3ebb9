// SPDX-License-Identifier: Apache-2.0
// Waits that a signal's handler ends. An image without signals does not contain them, so the declarations are weak, and
// called through the GOT (noplt), because a direct call cannot reach address 0.
#pragma once

#include "kernel/sched/thread.h"

namespace tenon::posix {

/// What handlers that have run mean for a call: with SA_RESTART some calls continue (sigaction; signal(7) lists them).
enum class Interruption { none, restart, interrupt };

/// Sleeps; true if a handler ran and ended the sleep.
[[gnu::weak, gnu::noplt]] bool sleep_unless_signalled(Deadline deadline);
/// Runs handlers of the calling thread's pending signals.
[[gnu::weak, gnu::noplt]] Interruption deliver_signals();

/// Has every blocked call of a pipe, and of what else uses blocking.h, look at its thread's signals.
[[gnu::weak, gnu::noplt]] void wake_blocked_calls();
/// Has every blocked socket call look at its thread's signals. An image without sockets does not contain it.
[[gnu::weak, gnu::noplt]] void wake_socket_calls();

inline bool interruptible_sleep(Deadline deadline) {
    if (&sleep_unless_signalled != nullptr) return sleep_unless_signalled(deadline);
    Thread::sleep_until(deadline);
    return false;
}
inline Interruption interruption() { return &deliver_signals != nullptr ? deliver_signals() : Interruption::none; }
inline bool was_signalled() { return interruption() != Interruption::none; }

}  // namespace tenon::posix
