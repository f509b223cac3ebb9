// SPDX-License-Identifier: Apache-2.0
// Messages to standard error.
#include "hv/core/log.h"

#include <unistd.h>

#include <string>

#include "hv/core/printable.h"

namespace hv {

namespace {

std::function<void(std::string_view)>& sink() {
    static std::function<void(std::string_view)> instead;
    return instead;
}

}  // namespace

void set_log_sink(std::function<void(std::string_view lines)> instead) { sink() = std::move(instead); }

void log_text(std::string_view lines) {
    if (sink()) return sink()(lines);
    // There is no way to report that standard error cannot be written.
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, lines.data(), lines.size());
}

void log_line(std::string_view message) { log_text("hv: " + printable_lines(message) + '\n'); }

}  // namespace hv
