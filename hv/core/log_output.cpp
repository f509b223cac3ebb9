// SPDX-License-Identifier: Apache-2.0
// Messages with a backlog.
#include "hv/core/log_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "hv/core/log.h"

namespace hv {

namespace {

Counter bytes_out("log.out_bytes");
Counter bytes_dropped("log.dropped_bytes");
Counter lines_dropped("log.dropped_lines");

}  // namespace

LogOutput::LogOutput(int fd, EventLoop& loop) : stream_(fd, loop, bytes_out, bytes_dropped) {
    stream_.when_drained([this] { tell_of_lost(); });
    set_log_sink([this](std::string_view lines) { write(lines); });
}

LogOutput::~LogOutput() { set_log_sink({}); }

void LogOutput::write(std::string_view lines) {
    if (lines.size() <= stream_.room()) return stream_.write(lines);
    const auto count = static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
    lost_ += count;
    lines_dropped.add(count);
    bytes_dropped.add(lines.size());
}

void LogOutput::tell_of_lost() {
    if (lost_ == 0) return;
    stream_.write(fmt::format("hv: {} lines of hv are missing: nobody read standard error\n", std::exchange(lost_, 0)));
}

void LogOutput::flush() {
    stream_.flush();
    tell_of_lost();
}

}  // namespace hv
