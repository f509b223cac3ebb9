// SPDX-License-Identifier: Apache-2.0
// The kernel's command line, from a text file that people edit.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "images/loader/result.h"

namespace tenon::loader {

/// Longest command line that the kernel takes.
inline constexpr std::size_t longest_command_line = 4096;
/// Longest file, with its comments.
inline constexpr std::size_t longest_command_line_file = 16 * 1024;

/// Writes the words of `file`, with a blank between two lines, to `target`, and returns their size; no zero follows.
/// Lines whose first character is '#' are comments. Errors: the command line is too long; the file is no plain text.
[[nodiscard]] Result<std::size_t> read_command_line(std::string_view file, std::span<char> target);

/// Whether the word is one of the kernel's options, ahead of `--`.
[[nodiscard]] bool has_option(std::string_view command_line, std::string_view word);

}  // namespace tenon::loader
