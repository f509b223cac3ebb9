// SPDX-License-Identifier: Apache-2.0
// Signals that the program sends to itself: pending ones, actions, masks and delivery.
#pragma once

#include <signal.h>

#include <optional>

#include "kernel/time/deadline.h"
#include "userland/posix/errno_result.h"
#include "userland/posix/interruption.h"
#include "userland/pthread/control.h"

namespace tenon::posix {

/// A running thread is not interrupted. It takes its signals when it unblocks them, when it sends one to itself, and
/// while it waits in sleep, pause, poll, sigsuspend or sigwait.
namespace signals {

[[nodiscard]] constexpr bool is_signal(int number) { return number > 0 && number < NSIG; }
/// The set of `number` alone.
[[nodiscard]] constexpr sigset_t only(int number) { return sigset_t{1} << (number - 1); }
/// Signals that no mask can block.
inline constexpr sigset_t unblockable = only(SIGKILL) | only(SIGSTOP);

/// The calling thread's mask.
[[nodiscard]] sigset_t mask();
/// Handlers of pending signals that are no longer blocked run before it returns.
void set_mask(sigset_t mask);

/// Errors: EINVAL.
Outcome<> change_action(int number, const struct sigaction* action, struct sigaction* old);

/// Sends to `target`, or to the process (null). If the calling thread takes the signal, its handler runs before this
/// returns. Error: EAGAIN (too many pending).
Outcome<> send(const siginfo_t& signal, pthread::Control* target);

/// The same without running a handler here: for threads that are not the program's.
Outcome<> post(const siginfo_t& signal, pthread::Control* target);
/// The program takes this signal without a handler: it has waited for it, or has a signalfd for it.
[[nodiscard]] bool is_waited_for(int number);
void note_waited_for(sigset_t set);

/// Pending signals of the calling thread and of the process that are blocked.
[[nodiscard]] sigset_t pending();
/// Pending signals that the calling thread may take, blocked or not.
[[nodiscard]] sigset_t waiting_for_me();
/// Takes a pending signal of `set`, blocked or not, without running its handler.
[[nodiscard]] std::optional<siginfo_t> take(sigset_t set);
/// Runs the handlers of pending signals that are not blocked. `restart`: there was one, and all had SA_RESTART.
Interruption deliver();

/// Counts signals sent: a wait for the next one begins by reading it.
[[nodiscard]] std::uint32_t sent();
/// Waits until the count differs from `seen`. False: the deadline has passed.
bool wait_for_another(std::uint32_t seen, Deadline deadline);

}  // namespace signals

/// Notes in every signalfd that there may be a signal for it. An image without signalfd does not contain it.
[[gnu::weak, gnu::noplt]] void signal_files_changed();
}  // namespace tenon::posix
