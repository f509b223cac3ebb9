// SPDX-License-Identifier: Apache-2.0
// The common part of hv's virtio devices: their rings, and the reaction to a driver that breaks one.
#pragma once

#include <array>
#include <optional>

#include "hv/core/counters.h"
#include "hv/devices/device.h"
#include "hv/devices/virtqueue.h"

namespace hv {

/// Counters that every device has. Each device declares its own, with its name as prefix.
struct DeviceCounters {
    Counter& doorbells;
    Counter& events_sent;
    Counter& events_suppressed;  ///< used buffers for which the driver wanted no interrupt
    Counter& ring_errors;        ///< rings that a driver broke; each sets DEVICE_NEEDS_RESET
};

/// A device with its rings. The common functions are final; a leaf class serves its queues in serve().
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

    /// The rings are set up, and the driver's features are known.
    virtual void started(std::uint64_t features) = 0;
    /// Serves `queue`, which is in use and may have chains.
    virtual void serve(std::uint32_t queue) = 0;
    /// The device is reset, or its rings are broken: drops everything that points into guest memory.
    virtual void stopped() = 0;

    /// The machine is paused: operations that the host finishes meanwhile are reported at resume.
    [[nodiscard]] bool paused() const { return paused_; }

    /// The driver reset the device: drops the driver's configuration too.
    virtual void forget() {}

    /// The machine is paused: stops watching backends that would wake the loop. serve() watches them again.
    virtual void quiesced() {}

    /// The ring of `queue`. Null if the device is inactive or broken, the driver does not use the queue, or the machine
    /// is paused.
    [[nodiscard]] Virtqueue* ring(std::uint32_t queue) {
        return active_ && !paused_ && rings_[queue] ? &*rings_[queue] : nullptr;
    }
    /// The next chain; none if the ring is empty, or broken, which stops the device.
    std::optional<Chain> pop(std::uint32_t queue, std::span<iovec> space);
    std::optional<NamingChain> pop(std::uint32_t queue, std::span<iovec> space, std::span<NamedRange> names);
    /// Publishes the pushed chains, and interrupts the guest if the driver asks for it.
    void publish(std::uint32_t queue);
    /// Reports to the driver, if there is one, that config() has changed.
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
