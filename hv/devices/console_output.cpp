// SPDX-License-Identifier: Apache-2.0
// Counters of a console's text.
#include "hv/devices/console_output.h"

namespace hv {

namespace {

Counter bytes_out("console.out_bytes");
Counter bytes_dropped("console.dropped_bytes");

}  // namespace

ConsoleOutput::ConsoleOutput(int fd, EventLoop& loop) : stream_(fd, loop, bytes_out, bytes_dropped) {}

}  // namespace hv
