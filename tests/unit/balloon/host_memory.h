// SPDX-License-Identifier: Apache-2.0
// The functions of kernel and host that the balloon calls, on the build machine: calls are recorded, and a test sets
// the results.
#pragma once

#include <vector>

#include "kernel/mm/page_record.h"

namespace tenon::test {

struct HostMemoryLog {
    struct Run {
        std::uint64_t first, count;
        friend bool operator==(const Run&, const Run&) = default;
    };
    bool guest_drops = true;          ///< as on pv
    bool file_backed = false;         ///< all of RAM
    std::vector<Run> dropped;         ///< by page number
    std::size_t dropped_records = 0;  ///< bytes of page records, which are real memory
    std::uint64_t now = 0;            ///< of the clock, which goes on by a second with each look
};
/// One for the process; a fixture clears it.
HostMemoryLog& host_memory();

/// The address of page 0, in memory that must not be touched.
inline constexpr std::uint64_t zone_size = 64 << 20;
inline std::byte* const zone_base = reinterpret_cast<std::byte*>(0x1000'0000);

}  // namespace tenon::test
