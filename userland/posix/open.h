// SPDX-License-Identifier: Apache-2.0
// Opening a file by its path.
#pragma once

#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// open(2). Errors: ENOENT, ENOTDIR, EISDIR, EROFS, EEXIST, EMFILE, ENOMEM.
Outcome<int> open_path(const char* path, int flags);

}  // namespace tenon::posix
