// SPDX-License-Identifier: Apache-2.0
// Sets of signals.
#include "userland/posix/signals.h"

namespace tenon::posix {

namespace {

int change(int number, auto&& apply) {
    if (!signals::is_signal(number)) return answer<int>(fail_with(EINVAL));
    apply(signals::only(number));
    return 0;
}

}  // namespace

extern "C" {

int sigemptyset(sigset_t* set) {
    *set = 0;
    return 0;
}
int sigfillset(sigset_t* set) {
    *set = ~sigset_t{0};
    return 0;
}
int sigaddset(sigset_t* set, int number) {
    return change(number, [set](sigset_t bit) { *set |= bit; });
}
int sigdelset(sigset_t* set, int number) {
    return change(number, [set](sigset_t bit) { *set &= ~bit; });
}
int sigismember(const sigset_t* set, int number) {
    if (!signals::is_signal(number)) return answer<int>(fail_with(EINVAL));
    return (*set & signals::only(number)) != 0 ? 1 : 0;
}

}  // extern "C"

}  // namespace tenon::posix
