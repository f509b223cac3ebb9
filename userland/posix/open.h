// SPDX-License-Identifier: Apache-2.0
// Opening a file by its path.
#pragma once

#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// openat(2). Errors: ENOENT, ENOTDIR, EISDIR, EROFS, EEXIST, ELOOP, EINVAL, EBADF, EMFILE, ENOMEM.
Outcome<int> open_path(int directory, const char* path, int flags);

}  // namespace tenon::posix
