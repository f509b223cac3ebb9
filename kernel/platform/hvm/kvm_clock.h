// SPDX-License-Identifier: Apache-2.0
// KVM's clock (Linux, Documentation/virt/kvm/x86/cpuid.rst and msr.rst). Not for several threads at a time; but an
// interrupt may call these functions while they run.
#pragma once

#include "hypercall/clock.h"
#include "kernel/arch/x86_64/cpuid.h"

namespace tenon::hvm {

/// The two instructions that the clock needs; tests pass others.
struct KvmCalls {
    CpuidResult (*ask)(std::uint32_t leaf);
    void (*write_msr)(std::uint32_t number, std::uint64_t value);
};

/// Has KVM fill `page` and keep its clock right from now on, also after a pause or a migration of the machine. `page`
/// stays in RAM for ever, its clock within a cache line. False: there is no such clock, and `page` is unchanged.
[[nodiscard]] bool use_kvm_clock(abi::ClockPage& page, const KvmCalls& calls);

/// Reads the wall clock: KVM writes it only on request, and the host may set or steer its own at any time.
void renew_wall_clock(abi::ClockPage& page, const KvmCalls& calls);

/// The hypervisor has paused the machine since the last take_kvm_pause().
[[nodiscard]] inline bool was_paused(const abi::ClockPage& page) {
    constexpr std::uint8_t guest_stopped = 1 << 1;
    return (page.clock.flags & guest_stopped) != 0;
}
/// Time has jumped: a new generation, and the wall clock of now.
void take_kvm_pause(abi::ClockPage& page, const KvmCalls& calls);

/// The processor's instructions.
extern const KvmCalls kvm_calls;

}  // namespace tenon::hvm
