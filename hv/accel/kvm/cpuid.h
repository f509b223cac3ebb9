// SPDX-License-Identifier: Apache-2.0
// What a guest's CPUID instruction says.
#pragma once

#include <linux/kvm.h>

#include <cstdint>
#include <vector>

namespace hv::kvm {

/// What a guest of hv gets from CPUID besides the host's features.
struct CpuidOffer {
    std::uint64_t io_zone;       ///< guest-physical, below 4 GiB
    std::uint32_t control_line;  ///< interrupt line of the control event
    std::uint32_t vcpu;          ///< APIC id
    bool tsc_deadline;           ///< KVM has the timer, though it does not list it
};

/// Takes out of `supported` what hv does not offer (nested virtualization, performance counters), and adds what the
/// in-kernel APIC gives and hv's own leaves (hypercall/start_info.h).
[[nodiscard]] std::vector<kvm_cpuid_entry2> filter_cpuid(std::vector<kvm_cpuid_entry2> supported,
                                                         const CpuidOffer& offer);

}  // namespace hv::kvm
