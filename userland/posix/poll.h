// SPDX-License-Identifier: Apache-2.0
// The common part of poll and select, with and without a signal mask.
#pragma once

#include <poll.h>
#include <sys/select.h>

#include <span>

#include "kernel/time/clock.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// A deadline of 0 has passed already. Errors: EINVAL, ENOMEM, EINTR (a signal's handler ran).
Outcome<int> poll_until(std::span<pollfd> polled, Nanoseconds deadline);

struct SelectSets {
    int count;
    fd_set* reading;  ///< any may be null
    fd_set* writing;
    fd_set* exceptions;
};
/// Errors: EINVAL, EBADF, EINTR.
Outcome<int> select_until(const SelectSets& sets, Nanoseconds deadline);

}  // namespace tenon::posix
