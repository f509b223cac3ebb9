// SPDX-License-Identifier: Apache-2.0
// Timers of other vCPUs.
#include "kernel/time/cpu_timers.h"
#include "kernel/trap/spin.h"

namespace tenon {

void TimerQueue::arm_all() {
    const interrupts::Masked masked;
    arm();
    const std::uint32_t here = Cpu::current().index;
    for (std::uint32_t index = 0; index < Cpu::count.load(); ++index)
        if (index != here) interrupts::send(*Cpu::all[index], abi::event::timer);
}

void Timer::wait_for_callback() const {
    const interrupts::Masked masked;
    const std::uint32_t here = Cpu::current().index;
    for (std::uint32_t index = 0; index < Cpu::count.load(); ++index) {
        const auto& firing = CpuTimers::at(index).firing;
        if (index != here) spin_until([&] { return firing.load(std::memory_order_acquire) != this; });
    }
}

}  // namespace tenon
