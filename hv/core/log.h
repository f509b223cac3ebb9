// SPDX-License-Identifier: Apache-2.0
// Messages of hv for a person.
#pragma once

#include <string_view>

namespace hv {

/// Writes "hv: MESSAGE\n" to standard error, by one write, so that lines of several processes do not mix.
void log_line(std::string_view message);
/// Writes lines that are whole already.
void log_text(std::string_view lines);

}  // namespace hv
