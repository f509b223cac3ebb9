// SPDX-License-Identifier: Apache-2.0
// Calls that block until a file's state changes, or a signal's handler has run.
#pragma once

#include <cstdint>

#include "kernel/base/intrusive_list.h"
#include "userland/posix/errno_result.h"
#include "userland/posix/event.h"
#include "userland/posix/interruption.h"

namespace tenon::posix {

/// A call that waits for an event; for as long as it lives, a signal that is sent counts as one.
class BlockedCall : public ListLink<> {
public:
    explicit BlockedCall(Event& event);
    ~BlockedCall();
    BlockedCall(const BlockedCall&) = delete;
    BlockedCall& operator=(const BlockedCall&) = delete;
    WaitResult wait(std::uint32_t seen, Deadline deadline) { return waiter_.wait(seen, deadline); }
    void wake() { waiter_.wake(); }

private:
    Event::Waiter waiter_;
};

/// Calls attempt() until its result is not EAGAIN, or `timeout` (ns; 0: none) is over; once only if the call must not
/// block. Waits for `changes` in between. Error: EINTR, if a signal's handler ran; with SA_RESTART the call continues
/// if it `may_restart` and has no time limit (signal(7)).
template <typename Attempt>
auto block_for(Event& changes, Nanoseconds timeout, bool may_block, Attempt&& attempt, bool may_restart = true)
    -> decltype(attempt()) {
    auto result = attempt();
    if (result || result.error().code != EAGAIN || !may_block) return result;
    BlockedCall call(changes);
    const Nanoseconds deadline = timeout == 0 ? no_deadline : monotonic_now() + timeout;
    for (;;) {
        const std::uint32_t seen = changes.value();
        result = attempt();
        if (result || result.error().code != EAGAIN || !may_block) return result;
        const Interruption signalled = interruption();
        const bool restarts = may_restart && timeout == 0;
        if (signalled == Interruption::interrupt || (signalled == Interruption::restart && !restarts))
            return fail_with(EINTR);
        may_block = call.wait(seen, deadline) != WaitResult::timed_out;
    }
}

}  // namespace tenon::posix
