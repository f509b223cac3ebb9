// SPDX-License-Identifier: Apache-2.0
// Small files of the kernel, read and written by one call each.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// Reads the file at `path`, at most its first `most` bytes and a page. Errors: not_found, no_permission, host_lacks
/// (any other failure); the message names the path.
Result<std::string> read_text_file(const std::string& path, std::size_t most = 1 << 20);

/// What an open file has at its start, as far as it fits into `text`; empty: it is not open, or cannot be read.
[[nodiscard]] std::string_view read_start(const FileDescriptor& file, std::span<char> text);

/// Writes `text` by one write() into a file that exists. Errors: the same.
Result<> write_text_file(const std::string& path, std::string_view text);

/// `text` without white space at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace hv
