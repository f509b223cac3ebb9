// SPDX-License-Identifier: Apache-2.0
// The paravirtual machine.
#include "kernel/platform/pv/pv_platform.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/platform/device_search.h"
#include "kernel/platform/pv/host_calls.h"

/// For entry.S: ends of the stacks of vCPUs other than the first.
extern "C" {
void* tenon_pv_stacks[tenon::abi::max_vcpus];
}

namespace tenon::pv {

namespace {

std::uint32_t hypercall_doorbell = 0;

void submit(abi::HypercallSlot& slot, std::uint32_t) {
    write_doorbell(hypercall_doorbell);
    while (slot.state.load() != abi::SlotState::done)
        futex_wait(&slot.state, static_cast<std::uint32_t>(abi::SlotState::submitted), ~0ULL);
}

}  // namespace

PvPlatform::PvPlatform(const abi::StartInfo& start) : HvMachine(start) {
    hypercall_doorbell = start.hypercall_doorbell;
    set_hypercall_gate({.slots = &io<abi::HypercallSlot>(abi::io_zone::hypercall_slots), .submit = submit});
}

std::uint64_t PvPlatform::to_host_time(Nanoseconds deadline) const {
    if (deadline == no_deadline) return ~0ULL;
    // A later deadline could overflow when the offset is added.
    constexpr Nanoseconds latest = 1ULL << 62;
    if (deadline > latest) deadline = latest;
    return deadline + static_cast<std::uint64_t>(clock_.host_monotonic_offset.load(std::memory_order_relaxed));
}

void PvPlatform::wait_for_event(Nanoseconds deadline) {
    abi::VcpuEvents& events = *Cpu::current().events;
    if (start_.idle_spin_ns != 0) {
        // hv does not wake a polling vCPU. Polling ends at the deadline, which the caller checks.
        events.state.store(abi::VcpuState::polling);
        const Nanoseconds end = std::min(read_clock() + start_.idle_spin_ns, deadline);
        while (events.upcall_pending.load() == 0 && read_clock() < end) cpu_relax();
    }
    events.state.store(abi::VcpuState::blocked);
    // FUTEX_WAIT compares the word again, so an event between the store and the call is not lost.
    if (events.upcall_pending.load() == 0) futex_wait(&events.upcall_pending, 0, to_host_time(deadline));
    events.state.store(abi::VcpuState::running);
}

void PvPlatform::notify(const Cpu& cpu) {
    const abi::VcpuState state = cpu.events->state.load();
    if (state == abi::VcpuState::blocked)
        futex_wake(&cpu.events->upcall_pending);
    else if (state != abi::VcpuState::polling && cpu.events->upcall_mask.load() == 0)
        kick_vcpu(cpu.index);
}

void PvPlatform::let_lock_holder_run() {
    // Nothing wakes it early: a wake-up at each release of a lock would cost more than what is left of this time.
    const auto& word = Cpu::current().events->upcall_pending;
    futex_wait_briefly(&word, word.load());
}

void PvPlatform::start_vcpu(std::uint32_t vcpu, void* stack_end) {
    tenon_pv_stacks[vcpu] = stack_end;
    // hv's stub has parked the vCPU's thread on this word.
    std::atomic<abi::VcpuState>& state = io<abi::EventPage>(abi::io_zone::events).vcpu[vcpu].state;
    state.store(abi::VcpuState::running);
    futex_wake(&state);
}

void PvPlatform::set_timer(Nanoseconds deadline) {
    set_host_timer(start_.timer_id + static_cast<std::int32_t>(Cpu::current().index), to_host_time(deadline));
}

void PvPlatform::set_guard_page(void* page, bool guard) {
    constexpr std::uint64_t none = 0, read_write = 3;
    host_call(HostCall::mprotect, reinterpret_cast<std::uint64_t>(page), page_size, guard ? none : read_write);
}

bool PvPlatform::drop_pages(void* pages, std::size_t bytes) {
    // Fails for memory that the host has locked, or that is not mapped: the pages keep their contents.
    return advise_memory(pages, bytes, MemoryAdvice::dont_need);
}

void PvPlatform::page_out(void* pages, std::size_t bytes) {
    // A host without swap refuses: the pages then stay in memory.
    (void)advise_memory(pages, bytes, MemoryAdvice::page_out);
}

void PvPlatform::probe_devices() {
    if (device_search() != nullptr) device_search()->device_page(start_);
}

}  // namespace tenon::pv
