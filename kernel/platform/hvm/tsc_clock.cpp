// SPDX-License-Identifier: Apache-2.0
// Frequency of the TSC (Intel SDM volume 3, 18.7.3; Intel 8254).
#include "kernel/platform/hvm/tsc_clock.h"

#include <bit>

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/cpuid.h"
#include "kernel/arch/x86_64/port_io.h"
#include "kernel/platform/hvm/pit_run.h"

namespace tenon::hvm {

namespace {

constexpr std::uint16_t pit_channel0 = 0x40, pit_command = 0x43;

std::uint64_t frequency_from_cpuid() {
    using namespace cpuid_leaf;
    if (cpuid_bit::hypervisor.is_set_in(cpuid(features))) {
        const std::uint32_t last = cpuid(hypervisor_base).eax;
        if (last >= hypervisor_timing && last < hypervisor_base + hypervisor_step)
            if (const std::uint64_t khz = cpuid(hypervisor_timing).eax; khz != 0) return khz * 1000;
    }
    const std::uint32_t highest = cpuid(maximum).eax;
    if (highest < tsc) return 0;
    const CpuidResult ratio = cpuid(tsc);
    if (ratio.eax != 0 && ratio.ebx != 0 && ratio.ecx != 0)
        return static_cast<std::uint64_t>(ratio.ecx) * ratio.ebx / ratio.eax;
    if (highest >= frequency && ratio.ebx != 0) return (cpuid(frequency).eax & 0xFFFF) * 1'000'000ULL;
    return 0;
}

std::uint32_t read_pit() {
    constexpr std::uint8_t latch_channel0 = 0;
    out8(pit_command, latch_channel0);
    const std::uint32_t low = in8(pit_channel0);
    return low | static_cast<std::uint32_t>(in8(pit_channel0)) << 8;
}

std::uint64_t frequency_from_pit() {
    return frequency_of_pit_runs([] {
        // Channel 0, low then high byte, mode 0: counts down once. Its interrupt is masked.
        constexpr std::uint8_t one_shot = 0x30;
        out8(pit_command, one_shot);
        out8(pit_channel0, 0xFF);
        out8(pit_channel0, 0xFF);
        return measure_pit_run(read_pit, read_tsc, [] { return sample_counter(read_pit); });
    });
}

}  // namespace

CounterSample sample_counter(std::uint32_t (*read)()) {
    CounterSample best{};
    std::uint64_t best_duration = ~0ULL;
    for (int attempt = 0; attempt < 5; attempt++) {
        const std::uint64_t before = read_tsc();
        const std::uint32_t counter = read();
        const std::uint64_t duration = read_tsc() - before;
        if (duration >= best_duration) continue;
        best_duration = duration;
        best = {before + duration / 2, counter};
    }
    return best;
}

std::uint64_t find_tsc_frequency() {
    const std::uint64_t told = frequency_from_cpuid();
    return told != 0 ? told : frequency_from_pit();
}

void start_clock(abi::ClockPage& page, std::uint64_t tsc_frequency, std::uint64_t realtime_ns) {
    // mul = 2^32 * 10^9 / frequency has to fit into 32 bits: the shift halves the ticks until it does, or doubles them.
    constexpr std::uint64_t billion = 1'000'000'000;
    int shift = 0;
    while (tsc_frequency >> shift > 2 * billion) shift++;
    const std::uint64_t shifted = tsc_frequency >> shift;
    const bool doubled = shifted <= billion;
    const auto mul = (static_cast<unsigned __int128>(billion) << 32) / (doubled ? shifted * 2 : shifted);
    page.clock.tsc_timestamp = read_tsc();
    page.clock.system_time = 0;
    page.clock.tsc_to_system_mul = static_cast<std::uint32_t>(mul);
    page.clock.tsc_shift = static_cast<std::int8_t>(doubled ? 1 - shift : -shift);
    page.wall.system_time = 0;
    page.wall.realtime_ns = realtime_ns;
}

}  // namespace tenon::hvm
