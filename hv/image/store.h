// SPDX-License-Identifier: Apache-2.0
// Content-addressed copies of files: what machines map must not change under them.
#pragma once

#include <cstdint>
#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

struct StoredFile {
    FileDescriptor file;  ///< read-only, with a shared lock that keeps the copy while it is open
    std::uint64_t size;
};

/// The copy of the file at `path` in `directory` (made if missing, mode 0700), made now unless it is there already:
/// equal content is stored once, whatever its names, so that all machines share its pages. The file may be
/// overwritten as soon as this returns. Errors: not_found, no_permission, bad_image (not a file), no_memory (disk
/// full).
Result<StoredFile> store_file(const std::string& path, const std::string& directory);

}  // namespace hv
