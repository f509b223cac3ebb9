// SPDX-License-Identifier: Apache-2.0
// epoll_pwait and epoll_pwait2: with a signal mask of their own. Separate from epoll_wait, because they link the
// signals.
#include <sys/epoll.h>

#include <algorithm>
#include <climits>

#include "userland/posix/masked_call.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

extern "C" {

int epoll_pwait(int fd, epoll_event* events, int most, int timeout_ms, const sigset_t* mask) {
    return with_mask(mask, [&] { return epoll_wait(fd, events, most, timeout_ms); });
}

/// The time is rounded up to milliseconds.
int epoll_pwait2(int fd, epoll_event* events, int most, const timespec* timeout, const sigset_t* mask) {
    int timeout_ms = -1;
    if (timeout != nullptr) {
        const auto span = to_nanoseconds(*timeout);
        if (!span) return answer<int>(std::unexpected(span.error()));
        constexpr Nanoseconds millisecond = 1'000'000;
        timeout_ms = static_cast<int>(std::min<Nanoseconds>((*span + millisecond - 1) / millisecond, INT_MAX));
    }
    return epoll_pwait(fd, events, most, timeout_ms, mask);
}

}  // extern "C"

}  // namespace tenon::posix
