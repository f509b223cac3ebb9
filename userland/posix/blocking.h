// SPDX-License-Identifier: Apache-2.0
// Calls that block until a file's state changes, or a signal's handler has run.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/base/intrusive_list.h"
#include "kernel/sched/wait.h"
#include "userland/posix/errno_result.h"
#include "userland/posix/interruption.h"

namespace tenon::posix {

/// Counts changes of what calls wait for. A thread that reads value() before it looks at the state, and then waits for
/// another value, misses no change. signal() costs two memory accesses if no thread waits.
class Changes {
public:
    [[nodiscard]] std::uint32_t value() const { return count_.load(); }
    /// Callable from interrupt handlers.
    void signal() { signal(UINT32_MAX); }
    /// The same, but wakes one thread at most, which sees to it that what remains wakes another.
    void signal_one() { signal(1); }
    [[nodiscard]] bool has_waiters() const { return waiters_.load() != 0; }

private:
    friend class BlockedCall;
    void signal(std::uint32_t most) {
        count_.fetch_add(1);
        if (waiters_.load() != 0) wake_address(count_, most);
    }
    std::atomic<std::uint32_t> count_ = 0;
    std::atomic<std::uint32_t> waiters_ = 0;
};

/// A call that waits for changes; for as long as it lives, a signal that is sent counts as one.
class BlockedCall : public ListLink<> {
public:
    explicit BlockedCall(Changes& changes);
    ~BlockedCall();
    BlockedCall(const BlockedCall&) = delete;
    BlockedCall& operator=(const BlockedCall&) = delete;
    WaitResult wait(std::uint32_t seen, Deadline deadline) { return wait_on_address(changes_.count_, seen, deadline); }
    void wake() { changes_.signal(); }

private:
    Changes& changes_;
};

/// Calls attempt() until its result is not EAGAIN, or `timeout` (ns; 0: none) is over; once only if the call must not
/// block. Waits for `changes` in between. Error: EINTR, if a signal's handler ran; with SA_RESTART the call continues
/// if it `may_restart` and has no time limit (signal(7)).
template <typename Attempt>
auto block_for(Changes& changes, Nanoseconds timeout, bool may_block, Attempt&& attempt, bool may_restart = true)
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
