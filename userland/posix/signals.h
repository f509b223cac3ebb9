// SPDX-License-Identifier: Apache-2.0
// Signals that the program sends itself: who has which pending, and what is done about them.
#pragma once

#include <signal.h>

#include <optional>

#include "kernel/time/deadline.h"
#include "userland/posix/errno_result.h"
#include "userland/pthread/control.h"

namespace tenon::posix {

/// A running thread is not interrupted. It takes its signals where it unblocks them, sends one to itself, or waits in
/// sleep, pause, poll, sigsuspend or sigwait.
namespace signals {

[[nodiscard]] constexpr bool is_signal(int number) { return number > 0 && number < NSIG; }
/// The set of `number` alone.
[[nodiscard]] constexpr sigset_t only(int number) { return sigset_t{1} << (number - 1); }
/// What a mask cannot hold back.
inline constexpr sigset_t unblockable = only(SIGKILL) | only(SIGSTOP);

/// The calling thread's mask.
[[nodiscard]] sigset_t mask();
/// Handlers of what is pending and no longer blocked run before it returns.
void set_mask(sigset_t mask);

/// Errors: EINVAL.
Outcome<> change_action(int number, const struct sigaction* action, struct sigaction* old);

/// Sends to `target`, or to the process (null). Handlers run before it returns, if it is the calling thread that takes
/// it. Error: EAGAIN (too many pending).
Outcome<> send(const siginfo_t& signal, pthread::Control* target);

/// Of the calling thread and of the process, blocked ones.
[[nodiscard]] sigset_t pending();
/// Takes one of `set` that is pending, blocked or not, without its handler.
[[nodiscard]] std::optional<siginfo_t> take(sigset_t set);
/// Runs the handlers of what is pending and not blocked. True if there was one.
bool deliver();

/// Counts signals sent: a wait for the next one begins by reading it.
[[nodiscard]] std::uint32_t sent();
/// Until another one than `seen` was sent, or the deadline. False: the deadline.
bool wait_for_another(std::uint32_t seen, Deadline deadline);

}  // namespace signals
}  // namespace tenon::posix
