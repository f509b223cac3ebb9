// SPDX-License-Identifier: Apache-2.0
// Connecting a device to a kvm machine.
#include "hv/accel/kvm/device_slot.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "hv/core/counters.h"

namespace hv::kvm {

namespace {
Counter interrupts_raised("kvm.interrupts");
}

Result<FileDescriptor> make_event() {
    FileDescriptor event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!event) return fail(ErrorKind::internal, std::string("eventfd: ") + std::strerror(errno));
    return event;
}

void signal_event(const FileDescriptor& event) {
    constexpr std::uint64_t one = 1;
    if (write(event.get(), &one, sizeof one) != sizeof one) return;
}

Result<std::unique_ptr<DeviceSlot>> DeviceSlot::create(std::uint32_t index, Device& device, const GuestMemory& memory,
                                                       VirtualMachine& machine, EventLoop& loop, LoopCalls& calls) {
    std::unique_ptr<DeviceSlot> slot(new DeviceSlot(device, memory, loop, calls));
    TRY(slot->interrupt_, make_event());
    CHECK(machine.add_interrupt(slot->interrupt_.get(), line::device(index)));
    for (std::uint32_t queue = 0; queue < device.queue_count(); ++queue) {
        TRY(FileDescriptor doorbell, make_event());
        const std::uint64_t address = device_registers(index) + MmioTransport::notify_offset;
        CHECK(machine.add_doorbell(address, queue, doorbell.get()));
        // Edge-triggered: each write is reported, and the event's count need not be read.
        CHECK(loop.watch(doorbell.get(), EPOLLIN | EPOLLET,
                         [raw = slot.get(), queue](std::uint32_t) { raw->transport_.ring(queue); }));
        slot->doorbells_.push_back(std::move(doorbell));
    }
    return slot;
}

DeviceSlot::~DeviceSlot() {
    for (const FileDescriptor& doorbell : doorbells_) loop_.unwatch(doorbell.get());
}

void DeviceSlot::raise_interrupt() {
    interrupts_raised.add();
    signal_event(interrupt_);
}

}  // namespace hv::kvm
