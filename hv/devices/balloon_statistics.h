// SPDX-License-Identifier: Apache-2.0
// The memory statistics of a guest's balloon driver (virtio 1.2, section 5.5.6.3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hv/devices/chain_reader.h"

namespace hv {

/// The tags of the specification, then those that Linux added (linux/virtio_balloon.h). Values are bytes unless marked
/// as counts.
enum class BalloonStatistic : std::uint16_t {
    swap_in,
    swap_out,
    major_faults,  ///< count
    minor_faults,  ///< count
    free_memory,
    total_memory,
    available_memory,
    disk_caches,
    hugetlb_allocations,  ///< count
    hugetlb_failures,     ///< count
    oom_kill,             ///< counts from here on
    alloc_stall,
    async_scan,
    direct_scan,
    async_reclaim,
    direct_reclaim,
    count,
};

/// Firecracker's name of it.
[[nodiscard]] const char* balloon_statistic_name(BalloonStatistic statistic);

/// Claims of the guest, for display and policies only.
class BalloonStatistics {
public:
    /// Replaces all values by those in `buffer`, whose entries are a tag of 16 bits and a value of 64 bits. Skips
    /// unknown tags. False: the buffer ends within an entry, or is longer than any driver's; the entries before that
    /// count.
    bool take(ChainReader buffer, std::uint64_t now_ns);
    void clear() { *this = {}; }

    [[nodiscard]] std::optional<std::uint64_t> value(BalloonStatistic statistic) const {
        return values_[static_cast<std::size_t>(statistic)];
    }
    /// Time of the last answer, CLOCK_MONOTONIC in ns; nothing before the first one.
    [[nodiscard]] std::optional<std::uint64_t> taken_at_ns() const { return taken_at_ns_; }

private:
    std::array<std::optional<std::uint64_t>, static_cast<std::size_t>(BalloonStatistic::count)> values_;
    std::optional<std::uint64_t> taken_at_ns_;
};

}  // namespace hv
