// SPDX-License-Identifier: Apache-2.0
// The position of a file that has a size.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// Moves `position` as lseek() does in a file of `size` bytes; beyond the end is allowed. Errors: EINVAL (whence, or a
/// position below 0), EOVERFLOW.
inline Outcome<off_t> move_position(std::atomic<off_t>& position, off_t size, off_t offset, int whence) {
    off_t base = 0;
    if (whence == SEEK_CUR)
        base = position.load();
    else if (whence == SEEK_END)
        base = size;
    else if (whence != SEEK_SET)
        return fail_with(EINVAL);
    off_t target = 0;
    if (__builtin_add_overflow(base, offset, &target)) return fail_with(EOVERFLOW);
    if (target < 0) return fail_with(EINVAL);
    position.store(target);
    return target;
}

}  // namespace tenon::posix
