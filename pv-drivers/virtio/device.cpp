// SPDX-License-Identifier: Apache-2.0
// The life of a virtio device (virtio 1.2, section 3), the same for all drivers and transports.
#include "pv-drivers/virtio/device.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernel/device/device_features.h"
#include "kernel/mm/heap.h"

namespace tenon::virtio {

Device::~Device() {
    transport_.listen(nullptr);
    for (const QueueMemory& memory : memory_) dma_free(memory.bytes.data());
}

void Device::prepare(const FeatureWish& features, std::span<const QueueWish> queues) {
    wish_ = features;
    set_queues(queues);
}

void Device::set_queues(std::span<const QueueWish> queues) {
    queues = queues.first(std::min(queues.size(), queue_wishes_.size()));
    std::copy(queues.begin(), queues.end(), queue_wishes_.begin());
    queue_count_ = static_cast<std::uint32_t>(queues.size());
}

Result<> Device::bring_up() {
    const Result<> result = bring_up_steps();
    if (result) {
        running_ = true;
        device_features().note(this, {.device_id = transport_.device_id(), .features = features_});
    } else {
        shut_down();
    }
    return result;
}

Result<> Device::bring_up_steps() {
    // Section 3.1.1, step 1: reset.
    CHECK(transport_.reset());
    needs_reset_ = false;
    // Interrupts are taken from before DRIVER_OK on, so that none is missed. The driver is not notified of changes
    // before bring-up has ended: it reads the configuration after that.
    transport_.listen(this);
    // Steps 2 and 3: ACKNOWLEDGE, DRIVER.
    transport_.acknowledge();
    // Steps 4 to 6: choose from the offered features, accept them, set FEATURES_OK and have it confirmed.
    TRY(features_, negotiate(transport_.offered_features(), wish_));
    CHECK(transport_.accept_features(features_));
    negotiated();
    // Step 7: the queues.
    for (std::uint32_t index = 0; index < queue_count_; ++index) CHECK(set_up_queue(index));
    // Step 8: DRIVER_OK. Notifications may be sent from here on.
    CHECK(transport_.driver_ok());
    if (needs_reset_ || transport_.needs_reset()) return fail(Error::device_broken);
    return {};
}

Result<> Device::set_up_queue(std::uint32_t index) {
    const QueueWish& wish = queue_wishes_[index];
    const std::uint32_t limit = std::bit_floor(std::min<std::uint32_t>(transport_.queue_limit(index), wish.size));
    if (limit == 0) return fail(Error::not_supported);
    const QueueOptions options{
        .size = static_cast<std::uint16_t>(limit),
        .event_index = has_feature(VIRTIO_RING_F_EVENT_IDX),
        .indirect_entries = has_feature(VIRTIO_RING_F_INDIRECT_DESC) ? wish.indirect_entries : std::uint16_t{0},
    };
    const std::size_t size = Virtqueue::memory_size(options);
    QueueMemory& memory = memory_[index];
    if (memory.bytes.size() < size) {
        dma_free(memory.bytes.data());
        memory = {};
        auto* bytes = static_cast<std::byte*>(dma_allocate(size, page_size));
        if (bytes == nullptr) return fail(Error::no_memory);
        memory = {std::span(bytes, size), to_physical(bytes)};
    }
    // Indirect tables need no clearing, which would only touch memory: they are written before they are used.
    const QueueOptions rings{.size = options.size, .event_index = options.event_index};
    std::memset(memory.bytes.data(), 0, Virtqueue::memory_size(rings));
    TRY(queues_[index], Virtqueue::create(options, memory));
    return transport_.set_up_queue(index, options.size, queues_[index].addresses());
}

Result<> Device::stop_for_restart() {
    running_ = false;
    CHECK(transport_.reset());
    // Otherwise a device that breaks at each start would keep the machine busy for ever.
    if (++restarts_ > most_restarts) return fail(Error::device_broken);
    return {};
}

void Device::shut_down() {
    running_ = false;
    transport_.listen(nullptr);
    (void)transport_.reset();
}

void Device::configuration_changed() {
    // Section 2.1.2: DEVICE_NEEDS_RESET comes with a configuration interrupt. Recovery needs a thread: the driver's.
    if (transport_.needs_reset()) needs_reset_.store(true, std::memory_order_relaxed);
    if (running_) status_changed();
}

}  // namespace tenon::virtio
