// SPDX-License-Identifier: Apache-2.0
// Memory statistics for the host.
#include "balloon/statistics.h"

#include "kernel/mm/heap.h"

namespace tenon::balloon {

void fill_statistics(StatisticsBuffer& buffer, const MemoryStatistics& memory) {
    std::array<std::uint64_t, VIRTIO_BALLOON_S_NR> values{};
    // There is no swap, no page cache, and page faults are not served: their values stay 0.
    values[VIRTIO_BALLOON_S_MEMFREE] = memory.free_bytes;
    values[VIRTIO_BALLOON_S_MEMTOT] = memory.total_bytes;
    values[VIRTIO_BALLOON_S_AVAIL] = memory.free_bytes;
    for (std::uint16_t tag = 0; tag != VIRTIO_BALLOON_S_NR; ++tag) buffer[tag] = {tag, values[tag]};
}

Statistics::~Statistics() { dma_free(buffer_); }

Result<> Statistics::serve() {
    if (!device_.has(Role::statistics)) return {};
    if (parked_.out && !device_.parked_came_back(Role::statistics, parked_)) return {};
    if (buffer_ == nullptr) buffer_ = static_cast<StatisticsBuffer*>(dma_allocate(sizeof(StatisticsBuffer)));
    if (buffer_ == nullptr) return fail(Error::no_memory);
    fill_statistics(*buffer_, memory_statistics());
    return device_.park(Role::statistics, Direction::device_reads, {to_physical(buffer_), sizeof(StatisticsBuffer)},
                        parked_);
}

}  // namespace tenon::balloon
