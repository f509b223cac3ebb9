// SPDX-License-Identifier: Apache-2.0
// sendmmsg and recvmmsg (Linux): several messages in one call.
#include <sys/socket.h>
#include <time.h>

#include <cerrno>

#include "kernel/time/clock.h"

namespace {

/// Returns an error only for the first message; a later one's is returned by the next call.
int counted(unsigned done) { return done != 0 ? static_cast<int>(done) : -1; }

}  // namespace

extern "C" {

int sendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
    for (unsigned i = 0; i < count; ++i) {
        const ssize_t size = sendmsg(fd, &messages[i].msg_hdr, flags);
        if (size < 0) return counted(i);
        messages[i].msg_len = static_cast<unsigned>(size);
    }
    return static_cast<int>(count);
}

int recvmmsg(int fd, mmsghdr* messages, unsigned count, int flags, timespec* timeout) {
    if (timeout != nullptr && (timeout->tv_sec < 0 || timeout->tv_nsec < 0 || timeout->tv_nsec >= 1'000'000'000)) {
        errno = EINVAL;
        return -1;
    }
    // The timeout is checked between messages only, as on Linux (recvmmsg(2), "Bugs").
    const tenon::Nanoseconds deadline =
        timeout == nullptr ? tenon::no_deadline
                           : tenon::monotonic_now() + timeout->tv_sec * 1'000'000'000 + timeout->tv_nsec;
    unsigned done = 0;
    while (done < count) {
        const ssize_t size = recvmsg(fd, &messages[done].msg_hdr, flags & ~MSG_WAITFORONE);
        if (size < 0) break;
        messages[done++].msg_len = static_cast<unsigned>(size);
        if ((flags & MSG_WAITFORONE) != 0) flags |= MSG_DONTWAIT;
        if (timeout == nullptr) continue;
        const tenon::Nanoseconds now = tenon::monotonic_now(), left = now < deadline ? deadline - now : 0;
        *timeout = {static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
        if (left == 0) break;
    }
    return done == 0 && count != 0 ? -1 : static_cast<int>(done);
}

}  // extern "C"
