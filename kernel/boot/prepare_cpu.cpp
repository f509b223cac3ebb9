// SPDX-License-Identifier: Apache-2.0
// The records of vCPUs.
#include <new>

#include "kernel/boot/boot.h"
#include "kernel/sched/per_cpu.h"

namespace tenon {

namespace {
alignas(PerCpu) constinit std::byte cpus[abi::max_vcpus][sizeof(PerCpu)] = {};
}

void prepare_cpu(std::uint32_t index, abi::VcpuEvents& events) {
    auto& cpu = *new (cpus[index]) PerCpu{};
    cpu.events = &events;
    cpu.index = index;
    events.upcall_mask.store(1);
    events.state.store(abi::VcpuState::running);
    Cpu::all[index] = &cpu;
    cpu.attach();
}

}  // namespace tenon
