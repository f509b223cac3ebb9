// SPDX-License-Identifier: Apache-2.0
// Memory statistics for the host (virtio 1.2, section 5.5.6.3).
#pragma once

#include <array>
#include <cstdint>

#include "balloon/device.h"
#include "kernel/mm/page_allocator.h"

namespace tenon::balloon {

/// The buffer's contents: packed entries of 10 bytes, one for each tag of the specification.
using StatisticsBuffer = std::array<virtio_balloon_stat, VIRTIO_BALLOON_S_NR>;

void fill_statistics(StatisticsBuffer& buffer, const MemoryStatistics& memory);

/// Keeps one buffer at the device, which returns it to ask for new figures. One thread at a time.
class Statistics {
public:
    explicit Statistics(BalloonDevice& device) : device_(device) {}
    ~Statistics();
    Statistics(const Statistics&) = delete;
    Statistics& operator=(const Statistics&) = delete;

    /// To be called after each bring-up, and whenever the buffer may have come back. Errors: no_memory; those of the
    /// device.
    [[nodiscard]] Result<> serve();

private:
    BalloonDevice& device_;
    BalloonDevice::Parked parked_;
    StatisticsBuffer* buffer_ = nullptr;  // in the DMA zone
};

}  // namespace tenon::balloon
