// SPDX-License-Identifier: Apache-2.0
// What the virtio devices of hv have in common: their rings, and what happens when a driver breaks one.
#pragma once

#include <array>
#include <optional>

#include "hv/core/counters.h"
#include "hv/devices/device.h"
#include "hv/devices/virtqueue.h"

namespace hv {

/// Counters that every device has; each device declares its own four, with its name in front.
struct DeviceCounters {
    Counter& doorbells;
    Counter& events_sent;
    Counter& events_suppressed;  ///< used buffers for which the driver wanted no interrupt
    Counter& ring_errors;        ///< rings that a driver broke: each is a DEVICE_NEEDS_RESET
};

/// A device with its rings. What all devices do alike is final; a leaf serves its queues in `serve`.
class RingDevice : public Device {
public:
    [[nodiscard]] bool activate(std::uint64_t features, std::span<const tenon::abi::QueueSetup> setups,
                                const GuestMemory& memory, DeviceSignals& signals) final;
    void queue_notified(std::uint32_t queue) final;
    void pause() final;
    void resume() final;
    void reset() final;

protected:
    explicit RingDevice(DeviceCounters counters) : counters_(counters) {}

    /// The rings stand; the driver's features are known.
    virtual void started(std::uint64_t features) = 0;
    /// There may be chains in `queue`, which exists.
    virtual void serve(std::uint32_t queue) = 0;
    /// The device is reset, or its rings are broken: let go of everything that points into guest memory.
    virtual void stopped() = 0;

    /// The machine stands still, and will go on: what the host has finished meanwhile is told at resume.
    [[nodiscard]] bool paused() const { return paused_; }

    /// The driver reset the device: what it configured is forgotten too.
    virtual void forget() {}

    /// The machine is paused: let go of backends that would wake the loop. Serving the queues takes them up again.
    virtual void quiesced() {}

    /// The ring, if the device is active, the driver uses this queue, it is not broken, and the machine is not paused.
    [[nodiscard]] Virtqueue* ring(std::uint32_t queue) {
        return active_ && !paused_ && rings_[queue] ? &*rings_[queue] : nullptr;
    }
    /// The next chain. A broken ring stops the device, and looks like an empty one.
    std::optional<Chain> pop(std::uint32_t queue, std::span<iovec> space);
    std::optional<NamingChain> pop(std::uint32_t queue, std::span<iovec> space, std::span<NamedRange> names);
    /// Publishes what was pushed, and interrupts if the driver wants it.
    void publish(std::uint32_t queue);
    /// Tells the driver, if there is one, that config() differs.
    void configuration_changed() {
        if (active_) signals_->configuration_changed();
    }

private:
    void serve_all();
    void let_go();
    void give_up(std::uint32_t queue, RingError error);
    void complain(std::uint32_t queue, RingError error);

    DeviceCounters counters_;
    std::uint32_t complaints_ = 0;
    DeviceSignals* signals_ = nullptr;
    bool active_ = false;
    bool paused_ = false;
    std::array<std::optional<Virtqueue>, tenon::abi::max_queues> rings_;
};

}  // namespace hv
