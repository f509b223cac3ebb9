// SPDX-License-Identifier: Apache-2.0
// The descriptor table: small integers that stand for open files.
#pragma once

#include <cstdint>

#include "userland/posix/file.h"

namespace tenon::posix {

inline constexpr int descriptor_limit = 16384;

/// Gives `file` the lowest free descriptor from `lowest` on. `close_on_exec` is kept for F_GETFD only.
/// Errors: EMFILE (the file is then released), EINVAL.
[[nodiscard]] Outcome<int> open_descriptor(FileReference file, bool close_on_exec = false, int lowest = 0);

/// The file of `fd`, kept alive for as long as the reference is held. Error: EBADF.
[[nodiscard]] Outcome<FileReference> file_of(int fd);

/// Closes `fd`; File::closed() runs if it was the last one. Error: EBADF.
Outcome<> close_descriptor(int fd);

/// Makes `target` a descriptor of the file of `fd`, after closing `target` (dup2). Error: EBADF.
[[nodiscard]] Outcome<int> replace_descriptor(int fd, int target, bool close_on_exec = false);

/// Keeps a file open without a descriptor, as one that is on its way through a socket is. release_open() may close it.
void hold_open(File& file);
void release_open(File& file);

/// FD_CLOEXEC as a flag of the descriptor.
[[nodiscard]] Outcome<bool> close_on_exec(int fd);
Outcome<> set_close_on_exec(int fd, bool value);

}  // namespace tenon::posix
