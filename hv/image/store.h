// SPDX-License-Identifier: Apache-2.0
// Content-addressed copies of files: what machines map must not change under them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

struct StoredFile {
    FileDescriptor file;  ///< read-only, with a shared lock that keeps the copy while it is open
    std::uint64_t size;
};

/// No larger file is stored.
inline constexpr std::uint64_t largest_stored_file = 1ULL << 30;

/// Whether an open file of so many bytes is to be stored; an error refuses it.
using LookAtFile = std::function<Result<>(int file, std::uint64_t size)>;

/// The copy of the file at `path` in `directory` (made if missing), made now unless it is there already: equal content
/// is stored once, whatever its names, so that all machines share its pages. `look` sees the file before anything of it
/// is copied, and the copy before it is stored; what it refuses leaves nothing behind. The file may be overwritten as
/// soon as this returns. Errors: not_found, no_permission, bad_image (not a file, or too large), no_memory (disk full),
/// and those of `look`.
Result<StoredFile> store_file(const std::string& path, const std::string& directory, const LookAtFile& look);

}  // namespace hv
