// SPDX-License-Identifier: Apache-2.0
// Timer and halt.
#include "kernel/platform/hvm/event_timer.h"

#include <algorithm>

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/system_registers.h"
#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/platform/hvm/local_apic.h"
#include "kernel/platform/hvm/processor.h"
#include "kernel/platform/hvm/tsc_clock.h"
#include "kernel/platform/pvclock.h"

namespace tenon::hvm {

namespace {

constexpr std::uint8_t timer_vector = vector::first_interrupt + abi::event::timer;

constinit const abi::PvClock* the_clock = nullptr;
constinit bool by_tsc_deadline = false;
/// APIC ticks for 2^32 TSC ticks.
constinit std::uint64_t apic_ticks_per_tsc = 0;
/// By vCPU: deadline of its set_event_timer(). One that has passed, as at first, does not count.
constinit Nanoseconds wanted[abi::max_vcpus] = {};

void measure_apic_timer() {
    start_apic_timer(timer_vector, UINT32_MAX);
    const ClockParameters clock = ClockParameters::read(*the_clock);
    const CounterSample first = sample_counter(apic_timer_count);
    constexpr Nanoseconds duration = 1'000'000;
    const std::uint64_t end = clock.tsc_at(clock.time_at(first.tsc) + duration);
    while (read_tsc() < end) cpu_relax();
    const CounterSample last = sample_counter(apic_timer_count);
    start_apic_timer(timer_vector, 0);
    apic_ticks_per_tsc = (static_cast<std::uint64_t>(first.counter - last.counter) << 32) / (last.tsc - first.tsc);
}

[[nodiscard]] Nanoseconds now() {
    std::uint64_t tsc = 0;
    const ClockParameters clock = ClockParameters::read(*the_clock, tsc);
    return clock.time_at(tsc);
}

/// Sets the hardware timer. In one copy, for its size.
[[gnu::noinline]] void arm(Nanoseconds deadline) {
    const std::uint64_t tsc = ClockParameters::read(*the_clock).tsc_at(deadline);
    if (by_tsc_deadline) {
        write_msr(MSR_IA32_TSC_DEADLINE, tsc);
        return;
    }
    const std::uint64_t here = read_tsc();
    const std::uint64_t distance = tsc > here ? tsc - here : 0;
    const auto ticks = (static_cast<unsigned __int128>(distance) * apic_ticks_per_tsc >> 32) + 1;
    start_apic_timer(timer_vector, static_cast<std::uint32_t>(std::min<unsigned __int128>(ticks, UINT32_MAX)));
}

}  // namespace

void prepare_event_timer(const abi::PvClock& clock) {
    the_clock = &clock;
    by_tsc_deadline = has_tsc_deadline_timer();
    if (by_tsc_deadline)
        use_tsc_deadline(timer_vector);
    else
        measure_apic_timer();
}

void prepare_event_timer_here() {
    if (by_tsc_deadline) use_tsc_deadline(timer_vector);
}

void set_event_timer(Nanoseconds deadline) {
    wanted[Cpu::current().index] = deadline;
    if (deadline != no_deadline) arm(deadline);
}

void halt_until_event(Nanoseconds deadline) {
    const Cpu& cpu = Cpu::current();
    abi::VcpuEvents& events = *cpu.events;
    asm volatile("cli" ::: "memory");
    events.state.store(abi::VcpuState::blocked);
    if (events.upcall_pending.load() == 0) {
        // The deadline of set_event_timer() still counts, unless it has passed. An early interrupt does no harm: its
        // handler sets the timer again.
        if (const Nanoseconds set = wanted[cpu.index]; set > now()) deadline = std::min(deadline, set);
        if (deadline != no_deadline) arm(deadline);
        // STI takes effect after the next instruction: an interrupt cannot come before the halt and be missed.
        asm volatile("sti; hlt" ::: "memory");
    } else {
        asm volatile("sti" ::: "memory");
    }
    events.state.store(abi::VcpuState::running);
}

void halt_briefly() {
    constexpr Nanoseconds longest = 50'000;
    asm volatile("cli" ::: "memory");
    const Nanoseconds begin = now(), set = wanted[Cpu::current().index];
    arm(set > begin ? std::min(set, begin + longest) : begin + longest);
    asm volatile("sti; hlt" ::: "memory");
}

}  // namespace tenon::hvm
