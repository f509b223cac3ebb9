// SPDX-License-Identifier: Apache-2.0
// How long a thread was ready to run and did not, because the host ran others: what a guest calls steal time.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hv/core/file_descriptor.h"

namespace hv {

/// The file with the scheduler's figures of a thread; every process may read it (Linux, Documentation/scheduler/
/// sched-stats.rst: time on the CPU, time waiting on a run queue, in ns; the number of time slices).
[[nodiscard]] inline std::string schedule_statistics_path(pid_t thread) {
    return "/proc/" + std::to_string(thread) + "/schedstat";
}

struct RunTimes {
    std::uint64_t cpu_ns = 0;    ///< on a CPU
    std::uint64_t delay_ns = 0;  ///< waiting for one
};

/// From the text of such a file. Nothing: it is no such text.
[[nodiscard]] std::optional<RunTimes> parse_run_times(std::string_view text);

/// Reads an open file of that kind, from its start. Nothing: the thread has ended, or the kernel keeps no such figures.
[[nodiscard]] std::optional<RunTimes> read_run_times(const FileDescriptor& file);

}  // namespace hv
