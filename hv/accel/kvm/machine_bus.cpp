// SPDX-License-Identifier: Apache-2.0
// Ports and registers of a machine on `kvm`.
#include "hv/accel/kvm/machine_bus.h"

#include "hv/accel/kvm/ports.h"
#include "hv/core/counters.h"
#include "hypercall/calls.h"

namespace hv::kvm {

namespace {

Counter unknown_accesses("kvm.unknown_accesses");

/// A read where no device answers.
constexpr std::uint64_t nothing_there = ~0ULL;

bool is_uart(std::uint16_t port, std::uint32_t width) {
    return width == 1 && port >= Uart::base_port && port < Uart::base_port + Uart::port_count;
}

}  // namespace

Result<std::unique_ptr<MachineBus>> MachineBus::create(std::span<Device* const> devices, const GuestMemory& memory,
                                                       VirtualMachine& machine, EventLoop& loop, LoopCalls& calls,
                                                       Host host) {
    std::unique_ptr<MachineBus> self(new MachineBus(calls, std::move(host)));
    TRY(self->uart_interrupt_, make_event());
    CHECK(machine.add_interrupt(self->uart_interrupt_.get(), line::uart));
    for (std::uint32_t i = 0; i < devices.size(); ++i) {
        TRY(auto slot, DeviceSlot::create(i, *devices[i], memory, machine, loop, calls));
        self->devices_.push_back(std::move(slot));
    }
    return self;
}

std::uint32_t MachineBus::read_port(std::uint16_t port, std::uint32_t width) {
    if (is_uart(port, width)) return uart_.read(port - Uart::base_port);
    if (port == pvpanic_port) return pvpanic_panicked;
    unknown_accesses.add();
    return static_cast<std::uint32_t>(nothing_there);
}

void MachineBus::write_port(std::uint16_t port, std::uint32_t width, std::uint32_t value) {
    if (is_uart(port, width)) return uart_.write(port - Uart::base_port, static_cast<std::uint8_t>(value));
    if (port == tenon::abi::hypercall_port && width == 4) return hypercall(value);
    if (port == pvpanic_port && (value & pvpanic_panicked) != 0)
        return guest_ended({.kind = GuestEnd::Kind::crashed,
                            .reason = "panic (reported by pvpanic; the guest's console may say more)"});
    if (port == keyboard_controller && value == pulse_reset) return guest_ended({.kind = GuestEnd::Kind::reboot});
    unknown_accesses.add();
}

MmioTransport* MachineBus::find_device(std::uint64_t address, std::uint64_t& offset) {
    const std::uint64_t first = device_registers(0);
    if (address < first || address >= device_registers(devices_.size())) {
        unknown_accesses.add();
        return nullptr;
    }
    offset = (address - first) % MmioTransport::size;
    return &devices_[(address - first) / MmioTransport::size]->registers();
}

std::uint64_t MachineBus::read_memory(std::uint64_t address, std::uint32_t width) {
    std::uint64_t offset = 0;
    MmioTransport* device = find_device(address, offset);
    return device != nullptr ? device->read(offset, width) : nothing_there;
}

void MachineBus::write_memory(std::uint64_t address, std::uint32_t width, std::uint64_t value) {
    std::uint64_t offset = 0;
    if (MmioTransport* device = find_device(address, offset); device != nullptr) device->write(offset, width, value);
}

void MachineBus::guest_ended(GuestEnd end) {
    calls_.call([&] { host_.ended(std::move(end)); });
}

void MachineBus::put_uart(char c) {
    for (;;) {
        switch (uart_text_.put(c)) {
            case ConsoleBuffer::Put::more: return;
            case ConsoleBuffer::Put::first: return calls_.notify();
            case ConsoleBuffer::Put::full:
                // The guest waits while hv prints: this bounds the text that hv holds for it.
                if (!calls_.call([this] { host_.console(uart_text_.take()); })) return;
        }
    }
}

void MachineBus::flush_console() {
    if (const std::string text = uart_text_.take(); !text.empty()) host_.console(text);
}

void MachineBus::hypercall(std::uint32_t vcpu) {
    if (vcpu != 0) return unknown_accesses.add();
    calls_.call([this, vcpu] { host_.hypercall(vcpu); });
}

}  // namespace hv::kvm
