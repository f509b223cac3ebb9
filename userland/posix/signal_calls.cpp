// SPDX-License-Identifier: Apache-2.0
// Signals, as far as a program sends them to itself: Newlib's signal() and raise() keep the handlers.
#include <signal.h>

#include "userland/posix/errno_result.h"

// Newlib has macros for these, which cut at 32 signals, and leaves the functions to the system.
#undef sigaddset
#undef sigdelset
#undef sigemptyset
#undef sigfillset
#undef sigismember

namespace tenon::posix {

namespace {

/// No signal comes unasked, so a mask holds nothing back; it is kept, since programs read it back.
constinit thread_local sigset_t mask = 0;

bool is_signal(int signal) { return signal > 0 && signal < NSIG; }
sigset_t bit(int signal) { return sigset_t{1} << signal; }

Outcome<> change_mask(int how, const sigset_t* set, sigset_t* old) {
    const sigset_t before = mask;
    if (set != nullptr) {
        if (how == SIG_BLOCK)
            mask |= *set;
        else if (how == SIG_UNBLOCK)
            mask &= ~*set;
        else if (how == SIG_SETMASK)
            mask = *set;
        else
            return fail_with(EINVAL);
    }
    if (old != nullptr) *old = before;
    return {};
}

Outcome<> change_action(int number, const struct sigaction* action, struct sigaction* old) {
    if (!is_signal(number)) return fail_with(EINVAL);
    // The only way to read a handler is to set another.
    const auto before = ::signal(number, action != nullptr ? action->sa_handler : SIG_DFL);
    if (before == SIG_ERR) return fail_with(EINVAL);
    if (action == nullptr) ::signal(number, before);
    if (old != nullptr) {
        *old = {};
        old->sa_handler = before;
    }
    return {};
}

}  // namespace

extern "C" {

int sigaction(int signal, const struct sigaction* action, struct sigaction* old) {
    return answer(change_action(signal, action, old));
}
int sigprocmask(int how, const sigset_t* set, sigset_t* old) { return answer(change_mask(how, set, old)); }
int pthread_sigmask(int how, const sigset_t* set, sigset_t* old) {
    const auto result = change_mask(how, set, old);
    return result ? 0 : result.error().code;
}

int sigemptyset(sigset_t* set) {
    *set = 0;
    return 0;
}
int sigfillset(sigset_t* set) {
    *set = ~sigset_t{0};
    return 0;
}
int sigaddset(sigset_t* set, const int signal) {
    if (!is_signal(signal)) return answer<int>(fail_with(EINVAL));
    *set |= bit(signal);
    return 0;
}
int sigdelset(sigset_t* set, const int signal) {
    if (!is_signal(signal)) return answer<int>(fail_with(EINVAL));
    *set &= ~bit(signal);
    return 0;
}
int sigismember(const sigset_t* set, int signal) { return is_signal(signal) && (*set & bit(signal)) != 0 ? 1 : 0; }

}  // extern "C"

}  // namespace tenon::posix
