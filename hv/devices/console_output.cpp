// SPDX-License-Identifier: Apache-2.0
// Counters of a console's text.
#include "hv/devices/console_output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "hv/core/log.h"

namespace hv {

namespace {

Counter bytes_out("console.out_bytes");
Counter bytes_dropped("console.dropped_bytes");

}  // namespace

ConsoleOutput::ConsoleOutput(int fd, EventLoop& loop) : stream_(fd, loop, bytes_out, bytes_dropped) {}

void ConsoleOutput::write(std::string_view text) {
    stream_.write(text);
    const int failure = stream_.failure();
    if (failure == 0 || failure == EPIPE || std::exchange(told_, true)) return;
    log_line(fmt::format("the guest's output is lost: standard output cannot be written: {}", std::strerror(failure)));
}

}  // namespace hv
