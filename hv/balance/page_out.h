// SPDX-License-Identifier: Apache-2.0
// A guest's memory to swap, from outside of its process: needs CAP_SYS_NICE and the right to look into the process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "hv/core/error.h"

namespace hv::balance {

struct AddressRange {
    std::uint64_t begin;
    std::uint64_t end;
};

/// The anonymous, writable ranges of the guest's RAM on `pv`, from the text of /proc/PID/maps.
[[nodiscard]] std::vector<AddressRange> guest_ram_ranges(std::string_view maps);

/// Pages out about `bytes` of `process`, which must be a child of `hv` (or the machine could name anybody's process),
/// beginning `cursor` bytes into its RAM, where the next call goes on. Returns the bytes that were tried.
/// Errors: no_permission, not_found (not such a process), host_lacks (no process_madvise).
Result<std::uint64_t> page_out(pid_t hv, pid_t process, std::uint64_t bytes, std::uint64_t& cursor);

}  // namespace hv::balance
