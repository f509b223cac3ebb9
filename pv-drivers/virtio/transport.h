// SPDX-License-Identifier: Apache-2.0
// The interface of virtio transports: how a driver reaches its device (virtio 1.2, section 4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/base/result.h"
#include "pv-drivers/virtio/virtqueue.h"

namespace tenon::virtio {

/// Receives a device's interrupts. Called in interrupt context: wakes threads, never blocks.
class Listener {
public:
    virtual void queues_used() = 0;  ///< some queue may have used buffers
    virtual void
    configuration_changed() = 0;  ///< the configuration or the status (DEVICE_NEEDS_RESET) may have changed

protected:
    ~Listener() = default;
};

/// The steps of section 3.1.1 in the order in which Device calls them. Calls come from one thread at a time, except
/// notify(), which may come from any. Objects live as long as the machine.
class Transport {
public:
    [[nodiscard]] virtual const char* name() const = 0;
    [[nodiscard]] virtual std::uint32_t device_id() const = 0;
    [[nodiscard]] virtual std::uint64_t offered_features() = 0;
    /// Largest size of `queue`; 0: the device has no such queue.
    [[nodiscard]] virtual std::uint32_t queue_limit(std::uint32_t queue) = 0;

    /// When it returns, the device touches no ring and no buffer. Error: timed_out, device_broken.
    [[nodiscard]] virtual Result<> reset() = 0;
    virtual void acknowledge() = 0;
    /// `features` is a subset of offered_features(). Error: not_supported if the device does not confirm them.
    [[nodiscard]] virtual Result<> accept_features(std::uint64_t features) = 0;
    [[nodiscard]] virtual Result<> set_up_queue(std::uint32_t queue, std::uint16_t size,
                                                const QueueAddresses& addresses) = 0;
    [[nodiscard]] virtual Result<> driver_ok() = 0;
    /// Tells the device that the driver gives it up (FAILED).
    virtual void give_up() = 0;

    /// The device has set DEVICE_NEEDS_RESET (section 2.1.2). Callable in interrupt context.
    [[nodiscard]] virtual bool needs_reset() = 0;
    virtual void notify(std::uint32_t queue) = 0;
    /// A consistent copy of configuration bytes (section 2.5.1). Bytes beyond the configuration read as zeros.
    virtual void read_configuration(std::size_t offset, std::span<std::byte> bytes) = 0;
    /// Writes configuration bytes that the driver may write (sections 2.5 and 3.1.1: from FEATURES_OK on, before
    /// DRIVER_OK too). One field a call: 1, 2, 4 or 8 bytes.
    virtual void write_configuration(std::size_t offset, std::span<const std::byte> bytes) = 0;
    /// From now on interrupts call `listener`; null: they are acknowledged and ignored.
    virtual void listen(Listener* listener) = 0;

protected:
    ~Transport() = default;
};

}  // namespace tenon::virtio
