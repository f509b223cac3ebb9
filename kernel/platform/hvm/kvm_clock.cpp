// SPDX-License-Identifier: Apache-2.0
// The clock of KVM machines: two MSRs that take addresses of structures for KVM to fill.
#include "kernel/platform/hvm/kvm_clock.h"

#include <cstring>

#include "kernel/arch/x86_64/system_registers.h"
#include "kernel/base/address.h"

namespace tenon::hvm {

namespace {

constexpr std::uint32_t wall_clock_msr = 0x4B56'4D00, system_time_msr = 0x4B56'4D01;
constexpr std::uint64_t enabled = 1;

/// The wall clock at time 0 of the machine's clock. KVM fills it during the write to the MSR, so that the version is
/// never odd afterwards.
struct KvmWallClock {
    std::uint32_t version, seconds, nanoseconds;
};

/// KVM's features; 0 on another hypervisor. If KVM also emulates another hypervisor, its own leaves follow that one's.
std::uint32_t kvm_features(const KvmCalls& calls) {
    if (!cpuid_bit::hypervisor.is_set_in(calls.ask(cpuid_leaf::features))) return 0;
    constexpr std::uint32_t step = cpuid_leaf::hypervisor_step;
    for (std::uint32_t base = cpuid_leaf::hypervisor_base; base < cpuid_leaf::hypervisor_end; base += step) {
        const CpuidResult signature = calls.ask(base);
        const std::uint32_t words[3] = {signature.ebx, signature.ecx, signature.edx};
        if (std::memcmp(words, "KVMKVMKVM\0\0", sizeof(words)) == 0) return calls.ask(base + 1).eax;
        // Each CPUID is an exit: the search stops at the first base that no hypervisor uses.
        if (signature.eax < base || signature.eax >= base + step) return 0;
    }
    return 0;
}

}  // namespace

bool use_kvm_clock(abi::ClockPage& page, const KvmCalls& calls) {
    constexpr std::uint32_t clock_feature = 1 << 3;  // KVM_FEATURE_CLOCKSOURCE2
    if ((kvm_features(calls) & clock_feature) == 0) return false;
    calls.write_msr(system_time_msr, to_integer(to_physical(&page.clock)) | enabled);
    asm volatile("" : "+m"(page));  // KVM has written it
    if (page.clock.tsc_to_system_mul == 0) {
        // KVM took the address and filled nothing in: the clock would stand still.
        calls.write_msr(system_time_msr, 0);
        return false;
    }
    renew_wall_clock(page, calls);
    return true;
}

void renew_wall_clock(abi::ClockPage& page, const KvmCalls& calls) {
    KvmWallClock wall{};
    calls.write_msr(wall_clock_msr, to_integer(to_physical(&wall)));
    asm volatile("" : "+m"(wall));  // KVM has written it
    // A single store: WallClock::system_time is always 0 here, so a reader that this interrupts needs no version.
    page.wall.realtime_ns = wall.seconds * std::uint64_t{1'000'000'000} + wall.nanoseconds;
}

void take_kvm_pause(abi::ClockPage& page, const KvmCalls& calls) {
    // The guest clears the flag. It does so first, so that an interrupt meanwhile does not repeat the rest.
    page.clock.flags = 0;
    asm volatile("" ::: "memory");
    renew_wall_clock(page, calls);
    page.generation.fetch_add(1, std::memory_order_release);
}

constinit const KvmCalls kvm_calls{.ask = [](std::uint32_t leaf) { return cpuid(leaf); },
                                   .write_msr = tenon::write_msr};

}  // namespace tenon::hvm
