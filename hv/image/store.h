// SPDX-License-Identifier: Apache-2.0
// Content-addressed copies of image files: machines map the copies, which never change.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

struct StoredFile {
    FileDescriptor file;  ///< read-only; the copy stays in the store while it is open or mapped
    std::uint64_t size;
};

/// Limit of the size of a stored file.
inline constexpr std::uint64_t largest_stored_file = 1ULL << 30;

/// Decides whether an open file of `size` bytes may be stored; an error refuses it.
using LookAtFile = std::function<Result<>(int file, std::uint64_t size)>;

/// Opens the copy of the file at `path` in `directory` (created if missing), and makes the copy unless it exists. Files
/// of equal content share one copy, so that all machines share its pages. `look` is called with the file before it is
/// copied, and with the copy before it is stored; a refused file leaves nothing behind. The user may overwrite the file
/// as soon as this returns. Errors: not_found, no_permission, bad_image (not a file, or too large), no_memory (disk
/// full), and those of `look`.
Result<StoredFile> store_file(const std::string& path, const std::string& directory, const LookAtFile& look);

}  // namespace hv
