// SPDX-License-Identifier: Apache-2.0
// Messages of hv to the user.
#pragma once

#include <functional>
#include <string_view>

namespace hv {

/// Writes "hv: MESSAGE\n" to standard error, by one write, so that lines of several processes do not mix. What a guest
/// may have put into the message is made printable.
void log_line(std::string_view message);
/// Writes lines that are whole already, and printable.
void log_text(std::string_view lines);

/// Takes lines instead of standard error; empty: standard error again, which may wait for its reader. Not thread-safe.
void set_log_sink(std::function<void(std::string_view lines)> sink);

}  // namespace hv
