// SPDX-License-Identifier: Apache-2.0
// The results of a guest's CPUID instruction.
#pragma once

#include <linux/kvm.h>

#include <cstdint>
#include <vector>

namespace hv::kvm {

/// The values in CPUID that do not come from the host.
struct CpuidOffer {
    std::uint64_t io_zone;       ///< guest-physical, below 4 GiB
    std::uint32_t control_line;  ///< interrupt line of the control event
    std::uint32_t vcpu;          ///< APIC id
    bool tsc_deadline;           ///< offer the TSC deadline timer, which KVM does not list among its leaves
};

/// Removes from `supported` what hv does not offer (nested virtualization, performance counters). Adds the features of
/// the in-kernel APIC and hv's own leaves (hypercall/start_info.h).
[[nodiscard]] std::vector<kvm_cpuid_entry2> filter_cpuid(std::vector<kvm_cpuid_entry2> supported,
                                                         const CpuidOffer& offer);

}  // namespace hv::kvm
