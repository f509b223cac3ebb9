// SPDX-License-Identifier: Apache-2.0
// Stopping the other vCPUs.
#include "kernel/sched/alone.h"

#include <atomic>

#include "kernel/sched/per_cpu.h"
#include "kernel/trap/spin.h"

namespace tenon {

namespace {

constinit std::atomic<bool> one_runs_alone = false;
/// A bit for each vCPU that has stopped. The one that is to run alone clears it first: a vCPU that is on its way out of
/// an earlier stop has set its bit before, and one that stays stopped sets it again.
constinit std::atomic<std::uint32_t> stopped = 0;

/// Stands still while another vCPU runs alone. Writes to no memory but that word and its own stack: the other one may
/// be giving away pages. It leaves its processor to that one, which may have none.
void stand_still(std::uint32_t vcpu) {
    const std::uint32_t bit = 1U << vcpu;
    spin_until([=] {
        if (!one_runs_alone.load()) return true;
        if ((stopped.load(std::memory_order_relaxed) & bit) == 0) stopped.fetch_or(bit);
        return false;
    });
}

}  // namespace

OthersStopped::OthersStopped() {
    if (!Cpu::several()) return;
    const PerCpu& here = PerCpu::current();
    while (one_runs_alone.exchange(true)) stand_still(here.index);
    stopped.store(0);
    // One that sleeps need not be woken: it looks for itself when it wakes, before it does anything else.
    VcpuSet awake = 0;
    any_of_vcpus(here.others(), [&](std::uint32_t vcpu) {
        Cpu& other = *Cpu::all[vcpu];
        if (other.events->state.load() == abi::VcpuState::blocked) return false;
        awake |= 1U << vcpu;
        interrupts::send(other, abi::event::stop);
        return false;
    });
    spin_until([=] { return (stopped.load() & awake) == awake; });
}

void stay_stopped() { stand_still(Cpu::current().index); }

OthersStopped::~OthersStopped() {
    if (Cpu::several()) one_runs_alone.store(false);
}

void prepare_stopping() {
    interrupts::set_handler(
        abi::event::stop, [](void*) { stay_stopped(); }, nullptr);
}

}  // namespace tenon
