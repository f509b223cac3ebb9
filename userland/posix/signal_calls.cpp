// SPDX-License-Identifier: Apache-2.0
// Signals: actions, masks, sending and waiting.
#include <unistd.h>

#include "userland/posix/interruption.h"
#include "userland/posix/signals.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

siginfo_t from_here(int number, int code) {
    siginfo_t signal = {};
    signal.si_signo = number;
    signal.si_code = code;
    signal.si_pid = getpid();
    return signal;
}

Outcome<> change_mask(int how, const sigset_t* set, sigset_t* old) {
    const sigset_t before = signals::mask();
    if (set != nullptr) {
        sigset_t mask = *set;
        if (how == SIG_BLOCK)
            mask = before | *set;
        else if (how == SIG_UNBLOCK)
            mask = before & ~*set;
        else if (how != SIG_SETMASK)
            return fail_with(EINVAL);
        signals::set_mask(mask);
    }
    if (old != nullptr) *old = before;
    return {};
}

/// There is one process, and one group.
bool is_here(pid_t process) { return process == getpid() || process == 0; }

Outcome<> send_to_process(pid_t process, const siginfo_t& signal) {
    if (signal.si_signo != 0 && !signals::is_signal(signal.si_signo)) return fail_with(EINVAL);
    if (!is_here(process)) return fail_with(ESRCH);
    return signal.si_signo == 0 ? Outcome<>() : signals::send(signal, nullptr);
}

Outcome<> send_to_thread(pthread::Control& thread, int number) {
    if (number != 0 && !signals::is_signal(number)) return fail_with(EINVAL);
    if (number == 0 || thread.ended.load()) return {};
    return signals::send(from_here(number, SI_TKILL), &thread);
}

/// Errors: EAGAIN (the time is over), EINTR (another signal's handler ran).
Outcome<siginfo_t> wait_for(sigset_t set, Deadline deadline) {
    signals::note_waited_for(set);
    for (;;) {
        const std::uint32_t seen = signals::sent();
        if (const auto signal = signals::take(set)) return *signal;
        if (signals::deliver() != Interruption::none) return fail_with(EINTR);
        if (!signals::wait_for_another(seen, deadline)) return fail_with(EAGAIN);
    }
}

int answer_signal(const Outcome<siginfo_t>& signal, siginfo_t* information) {
    if (!signal) return answer<int>(std::unexpected(signal.error()));
    if (information != nullptr) *information = *signal;
    return signal->si_signo;
}

}  // namespace

extern "C" {

int sigaction(int number, const struct sigaction* action, struct sigaction* old) {
    return answer(signals::change_action(number, action, old));
}

/// BSD's semantics, as in other C libraries: the handler stays installed.
_sig_func_ptr signal(int number, _sig_func_ptr handler) {
    if (handler == SIG_ERR) {
        errno = EINVAL;
        return SIG_ERR;
    }
    struct sigaction action = {}, old = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    return sigaction(number, &action, &old) == 0 ? old.sa_handler : SIG_ERR;
}

/// Concerns calls of sockets: sleeps and poll() end with EINTR whatever SA_RESTART says, as on Linux.
int siginterrupt(int number, int interrupts) {
    struct sigaction action;
    if (sigaction(number, nullptr, &action) != 0) return -1;
    action.sa_flags = interrupts != 0 ? action.sa_flags & ~SA_RESTART : action.sa_flags | SA_RESTART;
    return sigaction(number, &action, nullptr);
}

int sigprocmask(int how, const sigset_t* set, sigset_t* old) { return answer(change_mask(how, set, old)); }
int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) {
    const auto result = change_mask(how, set, old);
    return result ? 0 : result.error().code;
}

int sigpending(sigset_t* set) {
    *set = signals::pending();
    return 0;
}

int kill(pid_t process, int number) { return answer(send_to_process(process, from_here(number, SI_USER))); }
int killpg(pid_t group, int number) {
    if (group < 0) return answer<int>(fail_with(EINVAL));
    return kill(group, number);
}
int raise(int number) { return answer(send_to_thread(pthread::self(), number)); }
int pthread_kill(pthread_t thread, int number) {
    const auto result = send_to_thread(pthread::from_handle(thread), number);
    return result ? 0 : result.error().code;
}
int sigqueue(pid_t process, int number, const sigval value) {
    siginfo_t signal = from_here(number, SI_QUEUE);
    signal.si_value = value;
    return answer(send_to_process(process, signal));
}

/// Returns only after a handler has run.
int sigsuspend(const sigset_t* mask) {
    const sigset_t before = signals::mask();
    pthread::self().blocked_signals.store(*mask & ~signals::unblockable);
    while (!sleep_unless_signalled(no_deadline)) {
    }
    signals::set_mask(before);
    return answer<int>(fail_with(EINTR));
}

int sigwait(const sigset_t* set, int* number) {
    for (;;) {
        const auto signal = wait_for(*set, no_deadline);
        if (!signal) continue;
        *number = signal->si_signo;
        return 0;
    }
}

int sigwaitinfo(const sigset_t* set, siginfo_t* information) {
    return answer_signal(wait_for(*set, no_deadline), information);
}

int sigtimedwait(const sigset_t* set, siginfo_t* information, const timespec* timeout) {
    if (timeout == nullptr) return sigwaitinfo(set, information);
    const auto span = to_nanoseconds(*timeout);
    if (!span) return answer<int>(std::unexpected(span.error()));
    return answer_signal(wait_for(*set, monotonic_now() + *span), information);
}

}  // extern "C"

}  // namespace tenon::posix
