// SPDX-License-Identifier: Apache-2.0
// The balloon itself: pages given to the host, and the two queues that report them (virtio 1.2, section 5.5.6).
#pragma once

#include <cstdint>

#include "balloon/device.h"
#include "balloon/held_blocks.h"
#include "balloon/memory_zone.h"

namespace tenon::balloon {

/// One thread at a time. A page is not used while the device has not acknowledged its inflation, nor before the device
/// has acknowledged its deflation: that fulfils MUST_TELL_HOST, whether the device requires it or not.
class Inflation {
public:
    /// `floor`: pages that stay free for the guest itself.
    Inflation(BalloonDevice& device, LockedZone& zone, std::uint64_t floor)
        : device_(device), zone_(zone), floor_(floor) {}
    ~Inflation();
    Inflation(const Inflation&) = delete;
    Inflation& operator=(const Inflation&) = delete;

    /// Most pages of one call.
    static constexpr std::uint64_t step = 16 << HeldBlocks::largest_order;

    /// Gives at most `pages` pages to the host; returns how many, 0 if no more than the floor is free. Errors: those of
    /// BalloonDevice::exchange, no_memory (for the page numbers).
    [[nodiscard]] Result<std::uint64_t> grow(std::uint64_t pages);
    /// Takes at most `pages` pages back from the host; returns how many.
    [[nodiscard]] Result<std::uint64_t> shrink(std::uint64_t pages);
    /// Returns all pages to the page allocator, without telling the device, which was reset.
    void forget();

    [[nodiscard]] std::uint64_t pages() const { return held_.pages(); }
    [[nodiscard]] std::uint64_t floor() const { return floor_; }

private:
    /// Most page numbers of one buffer: Firecracker accepts no more.
    static constexpr std::size_t numbers_per_buffer = 256;
    static constexpr std::size_t numbers_size = step * sizeof(std::uint32_t);

    [[nodiscard]] Result<> tell(Role role, BlockBatch& batch);
    /// Tells the device of the batch, and then puts its blocks into the balloon or back to the allocator.
    [[nodiscard]] Result<std::uint64_t> hand_over(Role role, BlockBatch batch);
    [[nodiscard]] BlockBatch gather_free(std::uint64_t pages);
    [[nodiscard]] BlockBatch gather_held(std::uint64_t pages);
    void publish_count() const;

    BalloonDevice& device_;
    LockedZone& zone_;
    std::uint64_t floor_;
    HeldBlocks held_{PageState::ballooned};
    std::uint32_t* numbers_ = nullptr;  // little-endian, in the DMA zone; made at first use
    bool zero_ = true;                  // pages from the balloon read as zeros
};

}  // namespace tenon::balloon
