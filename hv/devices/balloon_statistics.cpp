// SPDX-License-Identifier: Apache-2.0
// The entries of a statistics buffer.
#include "hv/devices/balloon_statistics.h"

#include <linux/virtio_balloon.h>

#include <cstring>

namespace hv {

namespace {

/// Several times what any driver sends; hv ignores the rest of a longer answer.
constexpr int most_entries = 64;

constexpr std::size_t entry_size = sizeof(virtio_balloon_stat);
static_assert(entry_size == 10);
static_assert(static_cast<int>(BalloonStatistic::available_memory) == VIRTIO_BALLOON_S_AVAIL);
static_assert(static_cast<int>(BalloonStatistic::hugetlb_failures) == VIRTIO_BALLOON_S_HTLB_PGFAIL);

}  // namespace

const char* balloon_statistic_name(BalloonStatistic statistic) {
    static constexpr const char* names[] = {
        "swap_in",          "swap_out",    "major_faults",        "minor_faults",     "free_memory", "total_memory",
        "available_memory", "disk_caches", "hugetlb_allocations", "hugetlb_failures", "oom_kill",    "alloc_stall",
        "async_scan",       "direct_scan", "async_reclaim",       "direct_reclaim"};
    static_assert(std::size(names) == static_cast<std::size_t>(BalloonStatistic::count));
    return names[static_cast<std::size_t>(statistic)];
}

bool BalloonStatistics::take(ChainReader buffer, std::uint64_t now_ns) {
    values_ = {};
    taken_at_ns_ = now_ns;
    std::array<std::byte, entry_size> bytes;
    for (int i = 0; i < most_entries; ++i) {
        const std::size_t size = buffer.read(bytes);
        if (size == 0) return true;
        if (size < entry_size) return false;
        virtio_balloon_stat entry;
        std::memcpy(&entry, bytes.data(), sizeof entry);
        const std::uint16_t tag = entry.tag;
        const std::uint64_t value = entry.val;
        if (tag < values_.size()) values_[tag] = value;
    }
    return buffer.read(std::span(bytes).first(1)) == 0;
}

}  // namespace hv
