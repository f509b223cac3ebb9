// SPDX-License-Identifier: Apache-2.0
// A device's place in a kvm machine: registers, doorbells and interrupt line.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "hv/accel/kvm/loop_calls.h"
#include "hv/accel/kvm/virtual_machine.h"
#include "hv/core/event_loop.h"
#include "hv/devices/mmio.h"

namespace hv::kvm {

/// Guest-physical address of device `index`'s registers.
constexpr std::uint64_t device_registers(std::uint64_t index) { return 0xD000'0000 + index * MmioTransport::size; }

class DeviceSlot final : private MmioHost {
public:
    /// Connects `device` as number `index`. What is referred to outlives the slot.
    static Result<std::unique_ptr<DeviceSlot>> create(std::uint32_t index, Device& device, const GuestMemory& memory,
                                                      VirtualMachine& machine, EventLoop& loop, LoopCalls& calls);
    /// Resets the device. To be called when no vCPU runs any more.
    ~DeviceSlot() override;

    [[nodiscard]] MmioTransport& registers() { return transport_; }

private:
    DeviceSlot(Device& device, const GuestMemory& memory, EventLoop& loop, LoopCalls& calls)
        : loop_(loop), calls_(calls), transport_(device, memory, *this) {}
    void raise_interrupt() override;
    void run_on_loop(const std::function<void()>& work) override { calls_.call(work); }

    EventLoop& loop_;
    LoopCalls& calls_;
    FileDescriptor interrupt_;
    std::vector<FileDescriptor> doorbells_;
    MmioTransport transport_;
};

/// An event descriptor that never blocks. Errors: internal.
Result<FileDescriptor> make_event();
/// Adds one to an event's count. KVM takes the count of an interrupt's event at once, so it is never full.
void signal_event(const FileDescriptor& event);

}  // namespace hv::kvm
