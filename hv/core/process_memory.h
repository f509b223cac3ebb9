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

/// Where ProcessMemory stands: any process may look at it.
[[nodiscard]] inline std::string process_status_path(pid_t process) {
    return "/proc/" + std::to_string(process) + "/status";
}

/// From the text of such a file; nothing if it does not say (a process that has ended).
[[nodiscard]] std::optional<ProcessMemory> parse_process_status(std::string_view text);

/// The same from the file, which may have been opened long before.
[[nodiscard]] std::optional<ProcessMemory> read_process_status(const FileDescriptor& file);

/// What the process's pages cost the host, each page in parts among those who share it ("Pss"). Nothing: no such
/// process, or not this user's to know.
[[nodiscard]] std::optional<std::uint64_t> proportional_set(pid_t process);

}  // namespace hv
