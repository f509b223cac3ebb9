// SPDX-License-Identifier: Apache-2.0
// Starting the machine's other vCPUs.
#include <algorithm>
#include <array>

#include "kernel/boot/boot.h"
#include "kernel/sched/alone.h"
#include "kernel/sched/scheduler.h"
#include "kernel/trap/panic.h"

namespace tenon {

namespace {

constexpr Nanoseconds start_limit = 10'000'000'000;
constinit std::array<Thread*, abi::max_vcpus> idle_threads{};

}  // namespace

void enter_vcpu() {
    const std::uint32_t index = Cpu::current().index;
    Scheduler::adopt_idle_thread(*idle_threads[index]);
    Cpu::count.store(index + 1);
    Scheduler::idle();
}

void start_other_vcpus() {
    const std::uint32_t count = std::min(platform().vcpu_count(), abi::max_vcpus);
    if (count == 1) return;
    Scheduler::prepare_several();
    prepare_stopping();
    for (std::uint32_t index = 1; index < count; ++index) {
        Thread* thread = Scheduler::create_idle_thread(index);
        if (thread == nullptr) panic("no memory for vCPU %u (give the machine more)", index);
        idle_threads[index] = thread;
        platform().start_vcpu(index, reinterpret_cast<void*>(thread->stack_begin() + thread->stack_size()));
        const Nanoseconds deadline = monotonic_now() + start_limit;
        while (Cpu::count.load() == index) {
            if (monotonic_now() > deadline) panic("vCPU %u does not start", index);
            cpu_relax();
        }
    }
}

}  // namespace tenon
