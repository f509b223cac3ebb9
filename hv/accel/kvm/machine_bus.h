// SPDX-License-Identifier: Apache-2.0
// Everything that a guest on `kvm` reaches outside of its memory: ports, and the registers of its devices.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "hv/accel/kvm/console_buffer.h"
#include "hv/accel/kvm/device_slot.h"
#include "hv/accel/kvm/loop_calls.h"
#include "hv/accel/kvm/uart.h"
#include "hv/accel/kvm/vcpu_thread.h"
#include "hv/accel/kvm/virtual_machine.h"
#include "hv/core/event_loop.h"
#include "hv/core/guest_memory.h"

namespace hv::kvm {

/// The GuestBus half runs on the vCPU's thread, the rest on the event loop's.
class MachineBus final : public GuestBus {
public:
    /// Called on the loop's thread.
    struct Host {
        std::function<void(std::string_view)> console;      ///< text of the serial port
        std::function<void(std::uint32_t vcpu)> hypercall;  ///< the vCPU is in it, and waits
        std::function<void(GuestEnd)> ended;
    };
    /// Connects the serial port, and each device under its index. What is referred to outlives the bus.
    static Result<std::unique_ptr<MachineBus>> create(std::span<Device* const> devices, const GuestMemory& memory,
                                                      VirtualMachine& machine, EventLoop& loop, LoopCalls& calls,
                                                      Host host);

    /// Gives the serial port's text to Host::console. To be called after each call of a vCPU's thread.
    void flush_console();

    std::uint32_t read_port(std::uint16_t port, std::uint32_t width) override;
    void write_port(std::uint16_t port, std::uint32_t width, std::uint32_t value) override;
    std::uint64_t read_memory(std::uint64_t address, std::uint32_t width) override;
    void write_memory(std::uint64_t address, std::uint32_t width, std::uint64_t value) override;
    void guest_ended(GuestEnd end) override;

private:
    MachineBus(LoopCalls& calls, Host host)
        : calls_(calls),
          host_(std::move(host)),
          uart_({.put = [this](char c) { put_uart(c); }, .interrupt = [this] { signal_event(uart_interrupt_); }}) {}
    void put_uart(char c);
    void hypercall(std::uint32_t vcpu);
    /// The registers at `address`, and the offset in them; null: there are none.
    MmioTransport* find_device(std::uint64_t address, std::uint64_t& offset);

    LoopCalls& calls_;
    Host host_;
    FileDescriptor uart_interrupt_;
    Uart uart_;
    ConsoleBuffer uart_text_;
    std::vector<std::unique_ptr<DeviceSlot>> devices_;
};

}  // namespace hv::kvm
