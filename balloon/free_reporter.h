// SPDX-License-Identifier: Apache-2.0
// Giving free memory to the host (virtio 1.2, section 5.5.6.7).
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "balloon/device.h"
#include "balloon/memory_zone.h"
#include "balloon/reporting.h"

namespace tenon::balloon {

/// Takes free blocks out of the page allocator while they are given to the host. One thread at a time, except for
/// tell_device(), which may be called anywhere.
class FreeReporter {
public:
    FreeReporter(BalloonDevice& device, LockedZone& zone) : device_(device), zone_(zone) {}

    /// As tell_device() of reporting.h.
    [[nodiscard]] Result<> tell_device(std::span<const PageRun> runs);
    [[nodiscard]] bool may_report() const { return device_.usable() && device_.has(Role::reporting); }
    [[nodiscard]] bool may_report_in_use() const {
        return may_report() && device_.has_feature(VIRTIO_BALLOON_F_PAGE_POISON);
    }

    /// Gives a batch of free blocks of at least `least_order` to the host: by dropping them, where the guest can, else
    /// by a report to the device. Returns how many pages; 0: there are none, and `watch` will be called when there is
    /// one. Errors: not_supported (the device does not offer reporting), those of tell_device().
    [[nodiscard]] Result<std::uint64_t> report_batch(std::uint32_t least_order, BuddyAllocator::Tell watch);
    /// Pages that are out to be reported at this moment.
    [[nodiscard]] std::uint64_t pages_away() const { return away_.load(); }

private:
    /// Drops the batch's blocks, or has the device drop them; marks those that are gone as released.
    [[nodiscard]] Result<> give_to_host(BlockBatch& batch);
    void drop_idle_records(const PageRun& run);

    BalloonDevice& device_;
    LockedZone& zone_;
    bool zero_ = true;  // returned pages read as zeros
    std::atomic<std::uint64_t> away_ = 0;
};

}  // namespace tenon::balloon
