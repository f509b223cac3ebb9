// SPDX-License-Identifier: Apache-2.0
// Waits that a signal's handler ends. An image without signals does not contain them, so the declarations are weak, and
// called through the GOT (noplt), because a direct call cannot reach address 0.
#pragma once

#include "kernel/sched/thread.h"

namespace tenon::posix {

/// Sleeps; true if a handler ran and ended the sleep.
[[gnu::weak, gnu::noplt]] bool sleep_unless_signalled(Deadline deadline);
/// Runs handlers of the calling thread's pending signals; true if there was one.
[[gnu::weak, gnu::noplt]] bool deliver_signals();

inline bool interruptible_sleep(Deadline deadline) {
    if (&sleep_unless_signalled != nullptr) return sleep_unless_signalled(deadline);
    Thread::sleep_until(deadline);
    return false;
}
inline bool was_signalled() { return &deliver_signals != nullptr && deliver_signals(); }

}  // namespace tenon::posix
