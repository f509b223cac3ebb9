// SPDX-License-Identifier: Apache-2.0
// ppoll and pselect: with a signal mask of their own. Separate from poll and select, because they link the signals.
#include <poll.h>
#include <sys/select.h>
#include <sys/time.h>

#include "userland/posix/masked_call.h"
#include "userland/posix/poll.h"
#include "userland/posix/timespec.h"

namespace tenon::posix {

namespace {

Outcome<Nanoseconds> deadline_of(const timespec* timeout) {
    if (timeout == nullptr) return no_deadline;
    TRY(const Nanoseconds span, to_nanoseconds(*timeout));
    return span == 0 ? 0 : monotonic_now() + span;
}

Outcome<int> masked_poll(std::span<pollfd> polled, const timespec* timeout, const sigset_t* mask) {
    TRY(const Nanoseconds deadline, deadline_of(timeout));
    return with_mask(mask, [=] { return poll_until(polled, deadline); });
}

Outcome<int> masked_select(const SelectSets& sets, const timespec* timeout, const sigset_t* mask) {
    TRY(const Nanoseconds deadline, deadline_of(timeout));
    return with_mask(mask, [&] { return select_until(sets, deadline); });
}

}  // namespace

extern "C" {

int ppoll(pollfd* descriptors, nfds_t count, const timespec* timeout, const sigset_t* mask) {
    return answer(masked_poll({descriptors, count}, timeout, mask));
}

int pselect(int count, fd_set* reading, fd_set* writing, fd_set* exceptions, const timespec* timeout,
            const sigset_t* mask) {
    return answer(masked_select({count, reading, writing, exceptions}, timeout, mask));
}

}  // extern "C"

}  // namespace tenon::posix
