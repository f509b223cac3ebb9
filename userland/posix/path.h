// SPDX-License-Identifier: Apache-2.0
// Where paths start: the working directory, or the directory of a descriptor.
#pragma once

#include "kernel/fs/path_walk.h"

namespace tenon::posix {

/// The directory that `path` starts from: that of `directory`, a descriptor or AT_FDCWD. Errors: EBADF, ENOTDIR.
Outcome<InodeReference> base_of(int directory, const char* path);
/// What is at a path. Errors: those of both.
Outcome<InodeReference> find_inode(int directory, const char* path, LastLink last = LastLink::follow);

[[nodiscard]] InodeReference working_directory();
void set_working_directory(InodeReference directory);

}  // namespace tenon::posix
