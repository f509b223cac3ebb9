// SPDX-License-Identifier: Apache-2.0
// How much memory a process has, as the host's kernel counts it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hv/core/file_descriptor.h"

namespace hv {

struct ProcessMemory {
    std::uint64_t resident_bytes;
    std::uint64_t swapped_bytes;
};

/// The file that ProcessMemory is read from; every process may read it.
[[nodiscard]] inline std::string process_status_path(pid_t process) {
    return "/proc/" + std::to_string(process) + "/status";
}

/// Parses the text of such a file; nothing where the values are missing (a process that has ended).
[[nodiscard]] std::optional<ProcessMemory> parse_process_status(std::string_view text);

/// Reads an open file of that kind, from its start.
[[nodiscard]] std::optional<ProcessMemory> read_process_status(const FileDescriptor& file);

/// The process's proportional set size ("Pss"): each page counts in parts among the processes that share it. Nothing
/// where there is no such process, or this user may not see it.
[[nodiscard]] std::optional<std::uint64_t> proportional_set(pid_t process);

}  // namespace hv
