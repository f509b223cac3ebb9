// SPDX-License-Identifier: Apache-2.0
// Time as KVM tells it (Linux, Documentation/virt/kvm/x86/cpuid.rst and msr.rst). Not thread-safe, but interrupts may
// come at any time, and call the same functions.
#pragma once

#include "hypercall/clock.h"
#include "kernel/arch/x86_64/cpuid.h"

namespace tenon::hvm {

/// The two instructions that it takes; others where there is no such processor.
struct KvmCalls {
    CpuidResult (*ask)(std::uint32_t leaf);
    void (*write_msr)(std::uint32_t number, std::uint64_t value);
};

/// Has KVM fill `page`, and keep its clock right from now on, also over a pause or a migration of the machine. `page`
/// lies in RAM for good, its clock within a cache line. False: there is no such clock, and `page` is as it was.
[[nodiscard]] bool use_kvm_clock(abi::ClockPage& page, const KvmCalls& calls);

/// Asks what time it is: KVM tells the wall clock only when it is asked, and the host's may be set, or steered.
void renew_wall_clock(abi::ClockPage& page, const KvmCalls& calls);

/// The hypervisor has paused the machine since the last take_kvm_pause().
[[nodiscard]] inline bool was_paused(const abi::ClockPage& page) {
    constexpr std::uint8_t guest_stopped = 1 << 1;
    return (page.clock.flags & guest_stopped) != 0;
}
/// Time has jumped: a new generation, and the wall clock of now.
void take_kvm_pause(abi::ClockPage& page, const KvmCalls& calls);

/// Those of the processor.
extern const KvmCalls kvm_calls;

}  // namespace tenon::hvm
