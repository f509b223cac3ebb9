// SPDX-License-Identifier: Apache-2.0
// Messages of hv to the user.
#pragma once

#include <string_view>

namespace hv {

/// Writes "hv: MESSAGE\n" to standard error, by one write, so that lines of several processes do not mix.
void log_line(std::string_view message);
/// Writes text of complete lines as it is, by one write.
void log_text(std::string_view lines);

}  // namespace hv
