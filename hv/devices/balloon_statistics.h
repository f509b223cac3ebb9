// SPDX-License-Identifier: Apache-2.0
// What a guest's balloon driver says about its memory (virtio 1.2, section 5.5.6.3).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "hv/devices/chain_reader.h"

namespace hv {

/// The tags of the specification, then those that Linux added (linux/virtio_balloon.h). Bytes, except where it says
/// counts.
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

/// Claims of the guest: nothing but figures for people and policies.
class BalloonStatistics {
public:
    /// Takes the answer in `buffer`, whose entries are a tag of 16 and a value of 64 bits each; what it does not
    /// mention is not known any more. Unknown tags are skipped. False: bytes were left over, or there was more than is
    /// looked at; what came before them counts.
    bool take(ChainReader buffer, std::uint64_t now_ns);
    void clear() { *this = {}; }

    [[nodiscard]] std::optional<std::uint64_t> value(BalloonStatistic statistic) const {
        return values_[static_cast<std::size_t>(statistic)];
    }
    /// CLOCK_MONOTONIC, in ns; nothing: no answer has come.
    [[nodiscard]] std::optional<std::uint64_t> taken_at_ns() const { return taken_at_ns_; }

private:
    std::array<std::optional<std::uint64_t>, static_cast<std::size_t>(BalloonStatistic::count)> values_;
    std::optional<std::uint64_t> taken_at_ns_;
};

}  // namespace hv
