// SPDX-License-Identifier: Apache-2.0
// virtio-balloon: features, configuration, life, and what a manager asks of it.
#include "hv/devices/balloon.h"

#include <linux/virtio_ids.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>

#include "hv/core/event_loop.h"
#include "hypercall/layout.h"

namespace hv {

namespace {

Counter doorbells("balloon.doorbells");
Counter events_sent("balloon.events_sent");
Counter events_suppressed("balloon.events_suppressed");
Counter ring_errors("balloon.ring_errors");
Counter targets_set("balloon.targets_set");
Counter refused_config_writes("balloon.refused_config_writes");

constexpr std::uint64_t bit(unsigned feature) { return 1ULL << feature; }
constexpr std::uint64_t ns_per_second = 1'000'000'000;

static_assert(sizeof(virtio_balloon_config) == 16);

}  // namespace

BalloonDevice::BalloonDevice(EventLoop& loop, const BalloonOptions& options)
    : RingDevice({doorbells, events_sent, events_suppressed, ring_errors}),
      loop_(loop),
      options_(options),
      roles_{Role::inflate, Role::deflate, Role::statistics},
      features_(ring_features() | bit(VIRTIO_BALLOON_F_MUST_TELL_HOST) | bit(VIRTIO_BALLOON_F_STATS_VQ)) {
    // PAGE_POISON tells the content of given back pages: useful only together with a queue that gives pages back.
    if (options.hinting || options.reporting) features_ |= bit(VIRTIO_BALLOON_F_PAGE_POISON);
    if (options.deflate_on_oom) features_ |= bit(VIRTIO_BALLOON_F_DEFLATE_ON_OOM);
    if (options.hinting) {
        features_ |= bit(VIRTIO_BALLOON_F_FREE_PAGE_HINT);
        roles_.push_back(Role::hinting);
    }
    if (options.reporting) {
        features_ |= bit(VIRTIO_BALLOON_F_REPORTING);
        roles_.push_back(Role::reporting);
    }
    config_.num_pages = static_cast<std::uint32_t>(options.target_bytes / tenon::abi::page_size);
    set_statistics_interval(options.statistics_interval_s);
}

BalloonDevice::~BalloonDevice() {
    stopped();
    set_statistics_interval(0);
}

std::uint32_t BalloonDevice::device_id() const { return VIRTIO_ID_BALLOON; }

bool BalloonDevice::write_config(std::uint64_t offset, std::span<const std::byte> bytes) {
    // 5.5.4: the driver may write these two fields. 4.2.2.2: it writes a field of 32 bits as a whole.
    constexpr std::size_t fields[] = {offsetof(virtio_balloon_config, actual),
                                      offsetof(virtio_balloon_config, poison_val)};
    if (bytes.size() != sizeof config_.actual || std::ranges::find(fields, offset) == std::end(fields)) {
        refused_config_writes.add();
        return false;
    }
    std::memcpy(reinterpret_cast<std::byte*>(&config_) + offset, bytes.data(), bytes.size());
    return true;
}

void BalloonDevice::started(std::uint64_t features) {
    assert(pages_ != nullptr);
    accepted_ = features;
    ballooned_.make_room(pages_->end() / tenon::abi::page_size);
}

void BalloonDevice::stopped() {
    for (Work& work : work_) {
        if (work.continuation != 0) loop_.cancel(work.continuation);
        work = {};
    }
    statistics_buffer_.reset();
}

/// Target and polling interval stay: the host has set them.
void BalloonDevice::forget() {
    config_.actual = 0;
    config_.poison_val = 0;
    config_.free_page_hint_cmd_id = VIRTIO_BALLOON_CMD_ID_STOP;
    guest_command_ = VIRTIO_BALLOON_CMD_ID_STOP;
    ballooned_.clear();
    hinted_.clear();
    statistics_.clear();
}

std::optional<std::uint32_t> BalloonDevice::queue_of(Role role) const {
    const auto found = std::ranges::find(roles_, role);
    if (found == roles_.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - roles_.begin());
}

void BalloonDevice::set_target(std::uint32_t pages) {
    if (pages == config_.num_pages) return;
    config_.num_pages = pages;
    targets_set.add();
    configuration_changed();
}

void BalloonDevice::request_statistics() {
    const auto queue = queue_of(Role::statistics);
    if (!statistics_buffer_ || !queue || ring(*queue) == nullptr) return;
    // 5.5.6.3: returning the driver's buffer asks for fresh statistics.
    ring(*queue)->push(*statistics_buffer_, 0);
    statistics_buffer_.reset();
    publish(*queue);
    take_statistics(*queue);
}

void BalloonDevice::set_statistics_interval(std::uint16_t seconds) {
    options_.statistics_interval_s = seconds;
    if (poll_timer_ != 0) loop_.cancel(poll_timer_);
    poll_timer_ = 0;
    if (seconds != 0) poll_timer_ = loop_.after(seconds * ns_per_second, [this] { poll_statistics(); });
}

void BalloonDevice::poll_statistics() {
    poll_timer_ = 0;
    request_statistics();
    set_statistics_interval(options_.statistics_interval_s);
}

bool BalloonDevice::start_hinting(bool acknowledge) {
    if (!options_.hinting) return false;
    // A new number for each round: late ranges of the previous round are recognised by theirs.
    hinting_round_ = std::max<std::uint32_t>(hinting_round_ + 1, VIRTIO_BALLOON_CMD_ID_DONE + 1);
    acknowledge_hints_ = acknowledge;
    if (pages_ != nullptr) hinted_.make_room(pages_->end() / tenon::abi::page_size);
    set_hinting_command(hinting_round_);
    return true;
}

void BalloonDevice::stop_hinting() {
    hinted_.clear();
    set_hinting_command(VIRTIO_BALLOON_CMD_ID_DONE);
}

void BalloonDevice::set_hinting_command(std::uint32_t command) {
    config_.free_page_hint_cmd_id = command;
    configuration_changed();
}

BalloonDevice::HintingStatus BalloonDevice::hinting_status() const {
    return {.host_command = config_.free_page_hint_cmd_id, .guest_command = guest_command_};
}

}  // namespace hv
