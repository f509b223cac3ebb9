// SPDX-License-Identifier: Apache-2.0
// Results of the POSIX layer: a value, or an errno.
#pragma once

#include <errno.h>
#include <sys/types.h>

#include <concepts>
#include <cstddef>

#include "kernel/base/outcome.h"

namespace tenon::posix {

[[nodiscard]] constexpr int to_errno(Error error) {
    switch (error) {
        case Error::no_memory: return ENOMEM;
        case Error::invalid_argument: return EINVAL;
        case Error::not_found: return ENOENT;
        case Error::not_supported: return ENOSYS;
        case Error::timed_out: return ETIMEDOUT;
        case Error::busy: return EBUSY;
        case Error::device_broken:
        case Error::io: return EIO;
    }
    return EIO;
}

/// As C wants it: the value, or -1 with errno set.
template <std::integral T>
T answer(const Outcome<T>& outcome) {
    if (outcome) return *outcome;
    errno = outcome.error().code;
    return static_cast<T>(-1);
}
inline int answer(const Outcome<>& outcome) {
    if (outcome) return 0;
    errno = outcome.error().code;
    return -1;
}
inline ssize_t answer(const Outcome<std::size_t>& outcome) {
    if (outcome) return static_cast<ssize_t>(*outcome);
    errno = outcome.error().code;
    return -1;
}

}  // namespace tenon::posix
