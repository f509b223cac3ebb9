// SPDX-License-Identifier: Apache-2.0
// Small files of the kernel's: read and written in one go.
#pragma once

#include <string>
#include <string_view>

#include "hv/core/error.h"

namespace hv {

/// At most 1 MiB of the file at `path`; a longer one is cut. Errors: not_found, no_permission, host_lacks (anything
/// else); the message names the path.
Result<std::string> read_text_file(const std::string& path);

/// Writes `text` by one write() into a file that exists. Errors: the same.
Result<> write_text_file(const std::string& path, std::string_view text);

/// `text` without white space at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace hv
