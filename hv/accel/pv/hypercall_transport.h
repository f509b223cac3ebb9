// SPDX-License-Identifier: Apache-2.0
// virtio without registers: the device page shows each device's identity and configuration, the device_setup call
// passes its queues, and each queue has an eventfd as its doorbell.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/event_loop.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/guest_memory.h"
#include "hv/devices/device.h"
#include "hv/guest/hypercalls.h"
#include "hypercall/devices.h"

namespace hv {

class HypercallTransport final : public DeviceCalls {
public:
    /// Fills `page`. `send_event` raises an event in the guest. `first_doorbell` is the guest's descriptor number of
    /// the first queue's doorbell. Everything referred to outlives the transport. Errors: usage (too many devices or
    /// queues), internal.
    static Result<std::unique_ptr<HypercallTransport>> create(
        std::span<Device* const> devices, tenon::abi::DevicePage& page, const GuestMemory& memory, EventLoop& loop,
        std::uint32_t first_doorbell, const std::function<void(std::uint32_t event)>& send_event);
    ~HypercallTransport() override;
    HypercallTransport(const HypercallTransport&) = delete;
    HypercallTransport& operator=(const HypercallTransport&) = delete;

    /// Eventfds in the order of their numbers in the guest.
    [[nodiscard]] std::vector<int> doorbells() const;

    std::int64_t setup(std::uint64_t device, std::uint64_t features,
                       std::span<const tenon::abi::QueueSetup> queues) override;
    std::int64_t reset(std::uint64_t device) override;
    std::int64_t configure(std::uint64_t device, std::uint64_t offset, std::span<const std::byte> bytes) override;

private:
    class Port;
    HypercallTransport() = default;
    std::vector<std::unique_ptr<Port>> ports_;
};

}  // namespace hv
