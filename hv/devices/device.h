// SPDX-License-Identifier: Apache-2.0
// The one device model: a virtio device, without its transport (virtio 1.2, sections 2 and 3).
#pragma once

#include <cstdint>
#include <span>

#include "hv/core/guest_memory.h"
#include "hypercall/calls.h"
#include "hypercall/layout.h"

namespace hv {

/// How a device reaches its guest. Implemented by each transport: hypercall (pv) and mmio (kvm).
class DeviceSignals {
public:
    virtual ~DeviceSignals() = default;
    virtual void used_buffers() = 0;           ///< interrupt: a queue has used buffers
    virtual void configuration_changed() = 0;  ///< interrupt: `config` differs
    virtual void needs_reset() = 0;            ///< status DEVICE_NEEDS_RESET, then a configuration interrupt
};

/// A device's life: created -> activate -> (queue_notified)* -> reset -> activate ...
/// All calls come on the event loop's thread. A leaf class is final.
class Device {
public:
    virtual ~Device() = default;

    [[nodiscard]] virtual std::uint32_t device_id() const = 0;    ///< virtio 1.2, section 5
    [[nodiscard]] virtual const char* name() const = 0;           ///< for messages and counters: "net0"
    [[nodiscard]] virtual std::uint64_t features() const = 0;     ///< offered, VIRTIO_F_VERSION_1 included
    [[nodiscard]] virtual std::uint32_t queue_count() const = 0;  ///< at most max_queues
    [[nodiscard]] virtual std::uint32_t queue_size(std::uint32_t queue) const = 0;  ///< largest size
    [[nodiscard]] virtual std::span<const std::byte> config() const = 0;            ///< little-endian, as in section 5

    /// The driver wrote `bytes` at `offset` of the configuration, which it may do at any time after a reset. The range
    /// lies inside config(). False: refused without effect, as by most devices, which have no writable fields.
    [[nodiscard]] virtual bool write_config(std::uint64_t offset, std::span<const std::byte> bytes) {
        static_cast<void>(offset), static_cast<void>(bytes);
        return false;
    }

    /// The driver said DRIVER_OK. `features` is a subset of features(), VIRTIO_F_VERSION_1 among them; `queues` has
    /// queue_count() entries, not yet checked. `memory` and `signals` live until `reset` returns.
    /// False: the rings are not acceptable; the transport reports DEVICE_NEEDS_RESET or fails the call.
    [[nodiscard]] virtual bool activate(std::uint64_t features, std::span<const tenon::abi::QueueSetup> queues,
                                        const GuestMemory& memory, DeviceSignals& signals) = 0;

    /// The driver rang the doorbell of `queue` (< queue_count()). Work per call is bounded; the device schedules the
    /// rest on the event loop.
    virtual void queue_notified(std::uint32_t queue) = 0;

    /// The guest is paused: between these two calls the device accesses no ring and no buffer, and reads nothing from
    /// its backend. resume() serves the requests that are in the rings.
    virtual void pause() = 0;
    virtual void resume() = 0;

    /// After this call the device accesses no ring and no buffer.
    virtual void reset() = 0;
};

}  // namespace hv
