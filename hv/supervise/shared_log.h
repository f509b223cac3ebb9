// SPDX-License-Identifier: Apache-2.0
// A text file of bounded size that several processes append lines to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hv {

inline constexpr std::uint64_t shared_log_limit = 1 << 20;
/// A log that is full may grow to as many times its limit while another process that has its lock does not get on.
inline constexpr std::uint64_t shared_log_slack = 2;

/// Appends `line`, with its end, to the file at `path` by one write. When the file is full it becomes `path`.1, in
/// place of the one before: who finds it full moves it, under a lock of the file, and only while it is still the one at
/// `path`, so it is moved once. Nobody waits for the lock. A line that cannot be written is lost.
void append_to_shared_log(const std::string& path, std::string_view line, std::uint64_t limit = shared_log_limit);

/// What it does with a full log, which is open as `file`: moves it away, unless another process has done so since it
/// was opened. False: another one is about to.
[[nodiscard]] bool rotate_shared_log(int file, const std::string& path);

}  // namespace hv
