// SPDX-License-Identifier: Apache-2.0
// Messages to standard error.
#include "hv/core/log.h"

#include <unistd.h>

#include <string>

namespace hv {

void log_text(std::string_view lines) {
    // Where standard error cannot be written there is no other place for the message.
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, lines.data(), lines.size());
}

void log_line(std::string_view message) {
    std::string line = "hv: ";
    line += message;
    line += '\n';
    log_text(line);
}

}  // namespace hv
