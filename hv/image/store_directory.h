// SPDX-License-Identifier: Apache-2.0
// The directory of the image store: found, and cleaned.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// Names that begin so are links that say which file had which state, and copies that are being made.
inline constexpr std::string_view state_prefix = "of", unfinished_prefix = "new.";

class StoreDirectory {
public:
    /// Made if it is missing. Errors: no_permission (another user's, or others can write to it), not_found (it has no
    /// parent).
    static Result<StoreDirectory> open(const std::string& path);

    [[nodiscard]] int file() const { return directory_.get(); }
    /// Removes the oldest copies that no machine uses, links to copies that are gone, and what was never finished.
    /// Nothing else, and nothing at all from a directory without hv's mark (core/marked_directory.h).
    void clean() const;

private:
    StoreDirectory(FileDescriptor directory, bool marked) : directory_(std::move(directory)), marked_(marked) {}

    FileDescriptor directory_;  ///< open for reading
    bool marked_;
};

[[nodiscard]] Error store_error(const std::string& path, const char* what, int error);
[[nodiscard]] std::int64_t nanoseconds(const timespec& time);
[[nodiscard]] std::int64_t wall_clock_ns();

}  // namespace hv
