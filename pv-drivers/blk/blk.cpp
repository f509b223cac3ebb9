// SPDX-License-Identifier: Apache-2.0
// The block device's driver: bringing the device up and restarting it (virtio 1.2, section 5.2).
#include "pv-drivers/blk/blk.h"

#include <algorithm>
#include <bit>
#include <new>

#include "kernel/base/address.h"
#include "kernel/console/console.h"
#include "kernel/mm/heap.h"

namespace tenon::virtio {
namespace {

/// VIRTIO_BLK_F_FLUSH (section 5.2.3), which Linux's header declares for the legacy interface only.
constexpr unsigned feature_flush = 9;
constexpr std::uint32_t largest_block = 64 * 1024;
/// Largest part, if the device states no limit: a chain's total stays far below 4 GiB (section 2.7.5).
constexpr std::uint32_t usual_part_size = 16 * 1024 * 1024;
constexpr std::uint64_t largest_physical_block = 1024 * 1024;
constexpr std::uint64_t largest_advice = 1024 * 1024 * 1024;

}  // namespace

Result<Blk*> Blk::create(Transport& transport, void (*changed)(void*), void* context) {
    auto* blk = new (std::nothrow) Blk(transport, changed, context);
    if (blk == nullptr) return fail(Error::no_memory);
    if (const Result<> ready = blk->initialize(); !ready) {
        delete blk;
        return fail(ready.error());
    }
    register_disk(*blk, blk->name_);
    return blk;
}

Blk::~Blk() {
    shut_down();
    dma_free(frames_);
}

Result<> Blk::initialize() {
    frames_ = static_cast<Frame*>(dma_allocate(most_requests * sizeof(Frame), page_size));
    if (frames_ == nullptr) return fail(Error::no_memory);
    constexpr FeatureWish features{
        .required = 0,
        .optional = feature_bit(VIRTIO_BLK_F_SIZE_MAX) | feature_bit(VIRTIO_BLK_F_SEG_MAX) |
                    feature_bit(VIRTIO_BLK_F_RO) | feature_bit(VIRTIO_BLK_F_BLK_SIZE) | feature_bit(feature_flush) |
                    feature_bit(VIRTIO_BLK_F_TOPOLOGY) | feature_bit(VIRTIO_BLK_F_DISCARD) |
                    feature_bit(VIRTIO_BLK_F_WRITE_ZEROES),
    };
    // A header and a status besides the parts.
    constexpr std::array<QueueWish, 1> queues{{{.size = most_requests, .indirect_entries = most_parts + 2}}};
    CHECK(Device::start(features, queues));
    CHECK(read_identity());
    for (Slot& slot : slots_) {
        slot.next = free_slots_;
        free_slots_ = &slot;
    }
    // Until now interrupts were ignored.
    const SpinLock::Guard guard(lock_);
    up_ = true;
    (void)queue(request_queue).enable_interrupts();
    return {};
}

/// The capacity in bytes. Whole blocks only: no request can reach a rest behind the last one.
Result<std::uint64_t> Blk::read_size(std::uint32_t block) {
    const auto capacity = read_configuration<std::uint64_t>(offsetof(virtio_blk_config, capacity));
    if (capacity > INT64_MAX / sector) return fail(Error::not_supported);
    return align_down(capacity * sector, block);
}

/// Section 5.2.4: reads the configuration, and refuses values that are impossible.
Result<> Blk::read_identity() {
    std::uint32_t block = sector;
    if (has_feature(VIRTIO_BLK_F_BLK_SIZE))
        block = read_configuration<std::uint32_t>(offsetof(virtio_blk_config, blk_size));
    std::uint32_t parts = most_parts;
    if (has_feature(VIRTIO_BLK_F_SEG_MAX))
        parts = read_configuration<std::uint32_t>(offsetof(virtio_blk_config, seg_max));
    std::uint32_t part_size = usual_part_size;
    if (has_feature(VIRTIO_BLK_F_SIZE_MAX))
        part_size = read_configuration<std::uint32_t>(offsetof(virtio_blk_config, size_max));

    if (!std::has_single_bit(block) || block < sector || block > largest_block || parts == 0 || part_size < block)
        return fail(Error::not_supported);
    TRY(size_, read_size(block));
    block_size_ = block;
    part_limit_ = std::min<std::uint32_t>(
        {parts, most_parts, queue(request_queue).size() > 2 ? queue(request_queue).size() - 2u : 1u});
    part_size_limit_ = std::min(part_size, usual_part_size);
    read_only_ = has_feature(VIRTIO_BLK_F_RO);
    can_flush_ = has_feature(feature_flush);
    read_topology();
    read_range_limits();
    return {};
}

/// Only advice, so that values that cannot be are left out.
void Blk::read_topology() {
    topology_ = {.physical_block_size = block_size_};
    if (!has_feature(VIRTIO_BLK_F_TOPOLOGY)) return;
    const auto exponent = read_configuration<std::uint8_t>(offsetof(virtio_blk_config, physical_block_exp));
    const std::uint64_t physical = exponent < 32 ? std::uint64_t{block_size_} << exponent : 0;
    if (physical != 0 && physical <= largest_physical_block)
        topology_.physical_block_size = static_cast<std::uint32_t>(physical);
    const auto in_bytes = [this](std::uint64_t blocks) {
        const std::uint64_t bytes = blocks * block_size_;
        return bytes <= largest_advice ? static_cast<std::uint32_t>(bytes) : 0;
    };
    const std::uint32_t offset =
        in_bytes(read_configuration<std::uint8_t>(offsetof(virtio_blk_config, alignment_offset)));
    topology_.alignment_offset = offset < topology_.physical_block_size ? offset : 0;
    topology_.smallest_io = in_bytes(read_configuration<std::uint16_t>(offsetof(virtio_blk_config, min_io_size)));
    topology_.best_io = in_bytes(read_configuration<std::uint32_t>(offsetof(virtio_blk_config, opt_io_size)));
}

/// A device that allows no segment, or none of a whole block, has the operation in name only.
void Blk::read_range_limits() {
    range_limits_ = {.discard_alignment = block_size_};
    const auto limit = [this](unsigned feature, std::size_t sectors, std::size_t segments) -> std::uint64_t {
        if (!has_feature(feature) || read_configuration<std::uint32_t>(segments) == 0) return 0;
        return align_down(read_configuration<std::uint32_t>(sectors) * sector, block_size_);
    };
    range_limits_.discard = limit(VIRTIO_BLK_F_DISCARD, offsetof(virtio_blk_config, max_discard_sectors),
                                  offsetof(virtio_blk_config, max_discard_seg));
    range_limits_.write_zeroes = limit(VIRTIO_BLK_F_WRITE_ZEROES, offsetof(virtio_blk_config, max_write_zeroes_sectors),
                                       offsetof(virtio_blk_config, max_write_zeroes_seg));
    if (range_limits_.discard == 0) return;
    const std::uint64_t alignment =
        read_configuration<std::uint32_t>(offsetof(virtio_blk_config, discard_sector_alignment)) * sector;
    if (alignment != 0 && alignment % block_size_ == 0 && alignment <= range_limits_.discard &&
        alignment <= largest_advice)
        range_limits_.discard_alignment = static_cast<std::uint32_t>(alignment);
}

void Blk::status_changed() { changed_(context_); }

void Blk::attend() {
    recover();
    take_over_size();
}

/// The device was resized (section 5.2.4: a configuration change). Requests beyond a new end fail, here or at
/// the device.
void Blk::take_over_size() {
    if (!running()) return;
    const auto now = read_size(block_size_);
    if (!now || *now == size()) return;
    size_ = *now;
    log("disk %s: now %llu bytes", name(), static_cast<unsigned long long>(*now));
}

void Blk::recover() {
    {
        const SpinLock::Guard guard(lock_);
        if (given_up_ || (up_ && running())) return;
        up_ = false;
        ++statistics_.restarts;
    }
    IntrusiveList<BlockRequest> lost;
    const std::uint32_t old_block = block_size_;
    const bool was_read_only = read_only_;
    Result<> restarted = restart([&](std::uint32_t, void* cookie) {
        const SpinLock::Guard guard(lock_);
        take_off(*static_cast<Slot*>(cookie), fail(Error::device_broken), lost);
    });
    if (restarted) restarted = read_identity();
    // The layers above know another disk. Its size may have changed, as that of a disk that runs.
    if (restarted && (block_size_ != old_block || read_only_ != was_read_only)) restarted = fail(Error::device_broken);
    if (!restarted) block_size_ = old_block;
    bool ring = false;
    {
        const SpinLock::Guard guard(lock_);
        if (restarted) {
            up_ = true;
            (void)queue(request_queue).enable_interrupts();
            start_waiting();
            ring = queue(request_queue).publish();
        } else {
            given_up_ = true;
            // Chains that a failed restart has not taken back.
            while (void* cookie = queue(request_queue).take_unused())
                take_off(*static_cast<Slot*>(cookie), fail(Error::device_broken), lost);
            fail_all(waiting_, lost);
            fail_all(waiting_writes_, lost);
        }
    }
    if (restarted)
        warn("disk %s: the device broke and was restarted; requests in flight have failed", name());
    else
        warn("disk %s: the device is broken and stays off", name());
    ring_if(ring);
    complete(lost);
}

}  // namespace tenon::virtio
