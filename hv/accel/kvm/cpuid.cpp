// SPDX-License-Identifier: Apache-2.0
// Filtering CPUID. KVM's own leaves stay (Linux, Documentation/virt/kvm/x86/cpuid.rst).
#include "hv/accel/kvm/cpuid.h"

#include <algorithm>
#include <cstring>

#include "hv/accel/kvm/cpuid_bits.h"
#include "hypercall/start_info.h"

namespace hv::kvm {

namespace {

/// Says which vCPU this is. Hides nested virtualization and performance counters, which hv does not offer.
void filter_features(kvm_cpuid_entry2& entry, const CpuidOffer& offer) {
    using namespace cpuid::features;
    constexpr std::uint32_t one_logical_processor = 1U << ebx_logical_processors_shift;
    entry.ebx = (entry.ebx & ebx_brand_and_clflush) | one_logical_processor | offer.vcpu << ebx_initial_apic_id_shift;
    entry.ecx &= ~(ecx_monitor | ecx_vmx | ecx_pdcm | ecx_tsc_deadline);
    entry.ecx |= ecx_x2apic | ecx_hypervisor | (offer.tsc_deadline ? ecx_tsc_deadline : 0);
    entry.edx &= ~edx_htt;
}

void clear(kvm_cpuid_entry2& entry) { entry.eax = entry.ebx = entry.ecx = entry.edx = 0; }

void filter_entry(kvm_cpuid_entry2& entry, const CpuidOffer& offer) {
    namespace extended = cpuid::extended_features;
    switch (entry.function) {
        case cpuid::features::leaf: return filter_features(entry, offer);
        case cpuid::power::leaf:
            entry.eax &= cpuid::power::eax_arat;
            entry.ebx = entry.ecx = entry.edx = 0;
            return;
        case cpuid::topology_leaf:
        case cpuid::topology_v2_leaf: entry.edx = offer.vcpu; return;
        case extended::leaf:
            entry.ecx &= ~(extended::ecx_svm | extended::ecx_perf_ctr_ext_core | extended::ecx_perf_ctr_ext_nb);
            return;
        case cpuid::monitor_leaf:
        case cpuid::performance_leaf:
        case cpuid::svm_leaf: return clear(entry);
        default: return;
    }
}

kvm_cpuid_entry2 leaf(std::uint32_t function, std::uint32_t eax, std::uint32_t ebx, std::uint32_t ecx,
                      std::uint32_t edx) {
    kvm_cpuid_entry2 entry{};
    entry.function = function;
    entry.eax = eax;
    entry.ebx = ebx;
    entry.ecx = ecx;
    entry.edx = edx;
    return entry;
}

}  // namespace

std::vector<kvm_cpuid_entry2> filter_cpuid(std::vector<kvm_cpuid_entry2> supported, const CpuidOffer& offer) {
    using tenon::abi::cpuid_leaf;
    // Hypervisors place their leaves at multiples of 0x100: this removes whatever stands at hv's place.
    std::erase_if(supported, [](const kvm_cpuid_entry2& entry) {
        return entry.function >= cpuid_leaf && entry.function < cpuid_leaf + 0x100;
    });
    for (kvm_cpuid_entry2& entry : supported) filter_entry(entry, offer);
    std::uint32_t words[3];
    static_assert(sizeof words == sizeof tenon::abi::cpuid_signature - 1);
    std::memcpy(words, tenon::abi::cpuid_signature, sizeof words);
    supported.push_back(leaf(cpuid_leaf, cpuid_leaf + 1, words[0], words[1], words[2]));
    supported.push_back(leaf(cpuid_leaf + 1, static_cast<std::uint32_t>(offer.io_zone), offer.control_line, 0, 0));
    return supported;
}

}  // namespace hv::kvm
