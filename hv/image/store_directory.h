// SPDX-License-Identifier: Apache-2.0
// The directory of the image store: opening and cleaning it.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// Prefixes of names: of links from a source file's state to its copy, and of unfinished copies.
inline constexpr std::string_view state_prefix = "of", unfinished_prefix = "new.";

class StoreDirectory {
public:
    /// Opens the directory, and creates it if it is missing. Errors: no_permission (it belongs to another user, or
    /// others can write to it), not_found (its parent is missing).
    static Result<StoreDirectory> open(const std::string& path);

    [[nodiscard]] int file() const { return directory_.get(); }
    /// Removes the oldest copies that no machine uses, links without a copy, and copies that were left unfinished.
    /// Leaves other files alone, and everything in a directory without hv's mark (core/marked_directory.h).
    void clean() const;

private:
    StoreDirectory(FileDescriptor directory, bool marked) : directory_(std::move(directory)), marked_(marked) {}

    FileDescriptor directory_;  ///< open for reading
    bool marked_;
};

[[nodiscard]] Error store_error(const std::string& path, const char* what, int error);
[[nodiscard]] std::int64_t nanoseconds(const timespec& time);

}  // namespace hv
