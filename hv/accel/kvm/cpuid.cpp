// SPDX-License-Identifier: Apache-2.0
// Filtering CPUID (Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E; Linux,
// Documentation/virt/kvm/x86/cpuid.rst).
#include "hv/accel/kvm/cpuid.h"

#include <algorithm>
#include <cstring>

#include "hypercall/start_info.h"

namespace hv::kvm {

namespace {

constexpr std::uint32_t bit(unsigned number) { return 1U << number; }

void filter_entry(kvm_cpuid_entry2& entry, const CpuidOffer& offer) {
    switch (entry.function) {
        case 0x1:
            entry.ebx = (entry.ebx & 0x0000'FFFF) | offer.vcpu << 24 | 1U << 16;  // APIC id, one logical processor
            entry.ecx &= ~(bit(3) | bit(5) | bit(15));                            // MONITOR, VMX, PDCM
            entry.ecx |= bit(21) | bit(31);                                       // x2APIC, hypervisor
            entry.ecx = offer.tsc_deadline ? entry.ecx | bit(24) : entry.ecx & ~bit(24);
            entry.edx &= ~bit(28);  // HTT
            break;
        case 0x5: entry.eax = entry.ebx = entry.ecx = entry.edx = 0; break;  // MONITOR
        case 0x6:
            entry.eax &= bit(2);
            entry.ebx = entry.ecx = entry.edx = 0;
            break;                                                           // only: APIC timer always runs
        case 0xA: entry.eax = entry.ebx = entry.ecx = entry.edx = 0; break;  // performance counters
        case 0xB:
        case 0x1F: entry.edx = offer.vcpu; break;                                    // x2APIC id
        case 0x8000'0001: entry.ecx &= ~(bit(2) | bit(23) | bit(24)); break;         // SVM, performance counters
        case 0x8000'000A: entry.eax = entry.ebx = entry.ecx = entry.edx = 0; break;  // SVM
        default: break;
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
