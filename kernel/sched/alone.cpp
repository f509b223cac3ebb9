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

/// Stands still while another vCPU runs alone. Writes to no memory but that word: the other one may be giving away
/// pages.
void stand_still(std::uint32_t vcpu) {
    const std::uint32_t bit = 1U << vcpu;
    while (one_runs_alone.load()) {
        if ((stopped.load(std::memory_order_relaxed) & bit) == 0) stopped.fetch_or(bit);
        cpu_relax();
    }
}

}  // namespace

OthersStopped::OthersStopped() {
    if (!Cpu::several()) return;
    const PerCpu& here = PerCpu::current();
    while (one_runs_alone.exchange(true)) stand_still(here.index);
    stopped.store(0);
    const VcpuSet others = here.others();
    any_of_vcpus(others, [](std::uint32_t vcpu) {
        interrupts::send(*Cpu::all[vcpu], abi::event::stop);
        return false;
    });
    spin_until([=] { return stopped.load() == others; });
}

OthersStopped::~OthersStopped() {
    if (Cpu::several()) one_runs_alone.store(false);
}

void prepare_stopping() {
    interrupts::set_handler(
        abi::event::stop, [](void*) { stand_still(Cpu::current().index); }, nullptr);
}

}  // namespace tenon
