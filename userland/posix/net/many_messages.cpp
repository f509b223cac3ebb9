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
    // The timeout is checked between messages only, as on Linux (recvmmsg(2), "Bugs").
    const tenon::Nanoseconds deadline =
        timeout == nullptr ? tenon::no_deadline
                           : tenon::monotonic_now() + timeout->tv_sec * 1'000'000'000 + timeout->tv_nsec;
    for (unsigned i = 0; i < count; ++i) {
        const ssize_t size = recvmsg(fd, &messages[i].msg_hdr, flags & ~MSG_WAITFORONE);
        if (size < 0) return counted(i);
        messages[i].msg_len = static_cast<unsigned>(size);
        if ((flags & MSG_WAITFORONE) != 0) flags |= MSG_DONTWAIT;
        if (timeout != nullptr && tenon::monotonic_now() >= deadline) return static_cast<int>(i + 1);
    }
    return static_cast<int>(count);
}

}  // extern "C"
