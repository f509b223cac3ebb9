// SPDX-License-Identifier: Apache-2.0
// virtio-blk: features, configuration, life.
#include "hv/devices/blk/blk.h"

#include <fmt/format.h>
#include <linux/virtio_ids.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace hv {

namespace {

Counter doorbells("blk.doorbells");
Counter events_sent("blk.events_sent");
Counter events_suppressed("blk.events_suppressed");
Counter ring_errors("blk.ring_errors");

constexpr std::uint64_t bit(unsigned feature) { return 1ULL << feature; }

}  // namespace

BlkDevice::BlkDevice(EventLoop& loop, std::uint32_t number, DiskImage image, std::unique_ptr<IoEngine> engine,
                     std::string identity)
    : RingDevice({doorbells, events_sent, events_suppressed, ring_errors}),
      loop_(loop),
      image_(std::move(image)),
      engine_(std::move(engine)),
      shape_{.sectors = image_.size / disk_sector, .read_only = image_.read_only, .discards = image_.discards},
      name_(fmt::format("blk{}", number)),
      guest_name_(guest_name(number)),
      counters_(guest_name_.c_str()),
      identity_(std::move(identity)) {
    engine_->listen(*this);
    counters_.capacity.add(image_.size);
    identity_.resize(std::min<std::size_t>(identity_.size(), VIRTIO_BLK_ID_BYTES));
    config_.capacity = shape_.sectors;
    // Two of a chain's descriptors are for header and status, the others for data.
    config_.seg_max = ring_size - 2;
    config_.blk_size = image_.block_size;
    config_.physical_block_exp = static_cast<std::uint8_t>(std::countr_zero(image_.physical_size / image_.block_size));
    config_.min_io_size = static_cast<std::uint16_t>(image_.physical_size / image_.block_size);
    config_.max_discard_sectors = config_.max_write_zeroes_sectors = most_discard_sectors;
    config_.max_discard_seg = config_.max_write_zeroes_seg = 1;
    config_.discard_sector_alignment = static_cast<std::uint32_t>(image_.physical_size / disk_sector);
    config_.write_zeroes_may_unmap = 1;
}

BlkDevice::~BlkDevice() { stopped(); }

Result<> BlkDevice::reread_size() {
    TRY(const std::uint64_t size, image_.present_size());
    if (size == image_.size) return {};
    // A difference modulo 2^64, if it became smaller.
    counters_.capacity.add(size - image_.size);
    image_.size = size;
    shape_.sectors = size / disk_sector;
    config_.capacity = shape_.sectors;
    configuration_changed();
    return {};
}

void BlkDevice::limit(const RateLimits& limits) {
    limiter_ = RateLimiter(limits);
    if (continuation_ == 0) return;
    // It may have waited for the former limit.
    loop_.cancel(std::exchange(continuation_, 0));
    go_on_after(0);
}

std::uint32_t BlkDevice::device_id() const { return VIRTIO_ID_BLOCK; }

std::uint64_t BlkDevice::features() const {
    return ring_features() | bit(VIRTIO_BLK_F_SEG_MAX) | bit(VIRTIO_BLK_F_BLK_SIZE) | bit(VIRTIO_BLK_F_TOPOLOGY) |
           bit(VIRTIO_BLK_F_FLUSH) | (shape_.read_only ? bit(VIRTIO_BLK_F_RO) : 0) |
           (shape_.discards ? bit(VIRTIO_BLK_F_DISCARD) | bit(VIRTIO_BLK_F_WRITE_ZEROES) : 0);
}

std::span<const std::byte> BlkDevice::config() const {
    // Ends with the last field that the offered features define.
    return std::as_bytes(std::span(&config_, 1))
        .first(offsetof(virtio_blk_config, write_zeroes_may_unmap) + sizeof config_.write_zeroes_may_unmap);
}

void BlkDevice::started(std::uint64_t features) {
    // 5.2.5.2: a driver without FLUSH assumes that completed writes are on stable storage.
    write_through_ = (features & bit(VIRTIO_BLK_F_FLUSH)) == 0;
    if (slots_) return;
    slots_ = std::make_unique_for_overwrite<Slot[]>(ring_size);
    free_.reserve(ring_size);
    limited_parts_.reserve(ring_size);
}

void BlkDevice::stopped() {
    if (continuation_ != 0) loop_.cancel(continuation_);
    continuation_ = 0;
    // Operations in the host's kernel cannot be recalled, and use the guest's buffers: wait for them.
    engine_->wait();
    unsubmitted_ = false;
    for (const Completion& completion : held_) free_.push_back(static_cast<std::uint16_t>(completion.tag));
    held_.clear();
    free_.insert(free_.end(), limited_parts_.begin(), limited_parts_.end());
    limited_parts_.clear();
}

/// No memory of a paused guest is written: the host's kernel ends operations that it has begun, and the driver is
/// notified at resume.
void BlkDevice::quiesced() {
    engine_->wait();
    unsubmitted_ = false;
}

void BlkDevice::go_on_after(std::uint64_t delay_ns) {
    if (continuation_ != 0) return;
    continuation_ = loop_.after(delay_ns, [this] {
        continuation_ = 0;
        if (ring(queue) != nullptr) run_turn();
    });
}

}  // namespace hv
