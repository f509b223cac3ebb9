// SPDX-License-Identifier: Apache-2.0
// Opening a file by its path.
#pragma once

#include <sys/types.h>

#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// openat(2). Errors: those of a path; EISDIR, EROFS, EEXIST, ENOSPC, EINVAL, EBADF, EMFILE, ENOMEM.
Outcome<int> open_path(int directory, const char* path, int flags, mode_t mode = 0);

/// The permissions that umask() takes from new files.
[[nodiscard]] mode_t creation_mask();

}  // namespace tenon::posix
