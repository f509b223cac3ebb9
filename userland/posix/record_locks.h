// SPDX-License-Identifier: Apache-2.0
// Locks of parts of files.
#pragma once

#include "userland/posix/file.h"

namespace tenon::posix {

/// fcntl()'s F_GETLK, F_SETLK and F_SETLKW. Such a lock belongs to a process and keeps others out: where there is one
/// process, every lock that is no mistake is granted, and none is found. Errors: EINVAL, EOVERFLOW, EBADF (the file is
/// not open for that), EFAULT.
Outcome<int> control_record_lock(File& file, int command, struct flock* lock);

}  // namespace tenon::posix
