// SPDX-License-Identifier: Apache-2.0
// The read-only files inside an image: a cpio archive ("newc" format) that the image builder linked in, as the file
// system at "/".
#pragma once

#include "kernel/fs/file_system.h"

namespace tenon {

/// Its directories are those that the archive has, those that its names imply, and the places of mounts.
[[nodiscard]] FileSystem& archive_file_system();

/// Lets the root have a directory at `path`, which lives as long as the machine, where something can be mounted. Call
/// it on the boot thread, ahead of the first look at a file. Error: no_memory.
[[nodiscard]] Result<> add_archive_directory(std::string_view path);

}  // namespace tenon
