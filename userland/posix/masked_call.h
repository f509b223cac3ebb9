// SPDX-License-Identifier: Apache-2.0
// Calls that wait with a signal mask of their own.
#pragma once

#include "userland/posix/signals.h"

namespace tenon::posix {

/// The mask holds until `call` has returned. Restoring the old mask then runs the handlers of signals that it lets
/// through; errno stays as the call has left it.
template <typename Call>
auto with_mask(const sigset_t* mask, Call&& call) -> decltype(call()) {
    if (mask == nullptr) return call();
    const sigset_t before = signals::mask();
    pthread::self().blocked_signals.store(*mask & ~signals::unblockable);
    const auto result = call();
    const int code = errno;
    signals::set_mask(before);
    errno = code;
    return result;
}

}  // namespace tenon::posix
