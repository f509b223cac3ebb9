// SPDX-License-Identifier: Apache-2.0
// Life of a device's rings.
#include "hv/devices/ring_device.h"

#include <fmt/format.h>

#include "hv/core/log.h"

namespace hv {

bool RingDevice::activate(std::uint64_t features, std::span<const tenon::abi::QueueSetup> setups,
                          const GuestMemory& memory, DeviceSignals& signals) {
    let_go();
    for (std::uint32_t queue = 0; queue < setups.size() && queue < rings_.size(); ++queue) {
        if (setups[queue].size == 0) continue;
        auto created = Virtqueue::create(setups[queue], queue_size(queue), features, memory);
        if (!created) {
            counters_.ring_errors.add();
            complain(queue, created.error());
            let_go();
            return false;
        }
        rings_[queue].emplace(*created);
    }
    signals_ = &signals;
    active_ = true;
    started(features);
    // A driver may have filled its rings before it said DRIVER_OK (2.7.13).
    serve_all();
    return true;
}

void RingDevice::serve_all() {
    for (std::uint32_t queue = 0; queue < queue_count(); ++queue)
        if (ring(queue) != nullptr) serve(queue);
}

void RingDevice::pause() {
    paused_ = true;
    if (active_) quiesced();
}

void RingDevice::resume() {
    paused_ = false;
    // Serve the doorbells that rang meanwhile.
    serve_all();
}

void RingDevice::queue_notified(std::uint32_t queue) {
    counters_.doorbells.add();
    if (queue < rings_.size() && ring(queue) != nullptr) serve(queue);
}

void RingDevice::reset() {
    let_go();
    forget();
}

void RingDevice::let_go() {
    active_ = false;
    signals_ = nullptr;
    stopped();
    for (auto& ring : rings_) ring.reset();
}

std::optional<Chain> RingDevice::pop(std::uint32_t queue, std::span<iovec> space) {
    Virtqueue* const virtqueue = ring(queue);
    if (virtqueue == nullptr) return std::nullopt;
    const auto chain = virtqueue->pop(space);
    if (chain) return *chain;
    give_up(queue, chain.error());
    return std::nullopt;
}

std::optional<NamingChain> RingDevice::pop(std::uint32_t queue, std::span<iovec> space, std::span<NamedRange> names) {
    Virtqueue* const virtqueue = ring(queue);
    if (virtqueue == nullptr) return std::nullopt;
    const auto chain = virtqueue->pop(space, names);
    if (chain) return *chain;
    give_up(queue, chain.error());
    return std::nullopt;
}

void RingDevice::publish(std::uint32_t queue) {
    Virtqueue* const virtqueue = ring(queue);
    if (virtqueue == nullptr || !virtqueue->has_unpublished()) return;
    if (virtqueue->publish()) {
        counters_.events_sent.add();
        signals_->used_buffers();
    } else {
        counters_.events_suppressed.add();
    }
}

/// Logs a few times only: a guest could break its rings again and again to fill the log.
void RingDevice::complain(std::uint32_t queue, RingError error) {
    constexpr std::uint32_t most = 5;
    if (complaints_ == most) return;
    ++complaints_;
    log_line(fmt::format("{}: queue {}: {} (the guest's driver is at fault; the device waits for its reset){}", name(),
                         queue, ring_error_text(error), complaints_ == most ? "; further ones are only counted" : ""));
}

void RingDevice::give_up(std::uint32_t queue, RingError error) {
    counters_.ring_errors.add();
    complain(queue, error);
    active_ = false;
    // Keep the rings until the reset: callers up the stack may still use one.
    stopped();
    signals_->needs_reset();
}

}  // namespace hv
