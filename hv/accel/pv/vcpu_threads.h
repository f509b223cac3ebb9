// SPDX-License-Identifier: Apache-2.0
// The threads of a guest process, by hv's numbers.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/file_opener.h"

namespace hv::pv {

/// The thread's id in the innermost PID namespace, from the text of /proc/PID/status ("NSpid:", Linux 4.1).
[[nodiscard]] std::optional<std::uint32_t> innermost_thread_id(std::string_view status);

/// The threads of `process` in the order of their vCPUs: in the process's own PID namespace vCPU n is thread n + 1.
/// Errors: host_lacks (/proc does not tell them).
Result<std::vector<pid_t>> find_vcpu_threads(pid_t process, std::uint32_t vcpu_count, FileOpener& opener);

}  // namespace hv::pv
