// SPDX-License-Identifier: Apache-2.0
// A text file that never grows beyond a bound: what a guest writes cannot fill the host's disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// Text goes to the file at `path`. When that is full it becomes `path`.1, in place of the one before, and a new file
/// begins: at most twice `file_limit` bytes are kept, and about `file_limit` at least.
class BoundedLog {
public:
    static constexpr std::uint64_t default_file_limit = 1 << 20;

    /// Goes on with the file if there is one. Errors: no_permission.
    static Result<BoundedLog> open(std::string path, std::uint64_t file_limit = default_file_limit);

    /// A disk that is full loses the text; the machine goes on.
    void append(std::string_view text);
    /// The last bytes, at most `limit` of them, from the beginning of a line where there is one.
    [[nodiscard]] std::string tail(std::uint64_t limit) const;

private:
    BoundedLog(std::string path, FileDescriptor file, std::uint64_t size, std::uint64_t limit)
        : path_(std::move(path)), file_(std::move(file)), size_(size), limit_(limit) {}
    void rotate();

    std::string path_;
    FileDescriptor file_;
    std::uint64_t size_;
    std::uint64_t limit_;
};

/// The end of a log, its older file included: at most `limit` bytes. Empty where there is none.
[[nodiscard]] std::string read_log_tail(const std::string& path, std::uint64_t limit);

/// The last `lines` lines of `text`.
[[nodiscard]] std::string_view last_lines(std::string_view text, std::uint64_t lines);

}  // namespace hv
