// SPDX-License-Identifier: Apache-2.0
// The CPUID instruction, and the leaves and bits that the kernel looks at (Intel SDM volume 2, CPUID; for hypervisors
// Linux, Documentation/virt/kvm/x86/cpuid.rst, and VMware's "hypervisor CPUID interface").
#pragma once

#include <cstdint>

namespace tenon {

struct CpuidResult {
    std::uint32_t eax, ebx, ecx, edx;
};

inline CpuidResult cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
    CpuidResult result;
    asm volatile("cpuid"
                 : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                 : "a"(leaf), "c"(subleaf));
    return result;
}

namespace cpuid_leaf {
inline constexpr std::uint32_t maximum = 0;  ///< EAX: highest basic leaf
inline constexpr std::uint32_t features = 1;
inline constexpr std::uint32_t extended_features = 7;
inline constexpr std::uint32_t xsave = 0xD;       ///< EAX: lower half of the bits that XCR0 may have
inline constexpr std::uint32_t tsc = 0x15;        ///< EBX / EAX: TSC ticks for each of a crystal clock of ECX Hz
inline constexpr std::uint32_t frequency = 0x16;  ///< EAX bits 15-0: base frequency in MHz
inline constexpr std::uint32_t extended_base = 0x8000'0000;  ///< EAX: highest extended leaf
inline constexpr std::uint32_t extended_processor = 0x8000'0001;
inline constexpr std::uint32_t hypervisor_base = 0x4000'0000;    ///< EAX: highest leaf; EBX, ECX, EDX: signature
inline constexpr std::uint32_t hypervisor_timing = 0x4000'0010;  ///< EAX: TSC frequency in kHz
/// A hypervisor with several interfaces has the leaves of each at a multiple of this from hypervisor_base on.
inline constexpr std::uint32_t hypervisor_step = 0x100;
inline constexpr std::uint32_t hypervisor_end = 0x4001'0000;
}  // namespace cpuid_leaf

/// A bit of a CPUID leaf's result.
struct CpuidBit {
    std::uint32_t leaf;
    std::uint32_t CpuidResult::*output;
    std::uint32_t bit;

    [[nodiscard]] bool is_set_in(const CpuidResult& result) const { return (result.*output >> bit & 1) != 0; }
};

namespace cpuid_bit {
inline constexpr CpuidBit x2apic{cpuid_leaf::features, &CpuidResult::ecx, 21};
inline constexpr CpuidBit tsc_deadline{cpuid_leaf::features, &CpuidResult::ecx, 24};
inline constexpr CpuidBit xsave{cpuid_leaf::features, &CpuidResult::ecx, 26};
inline constexpr CpuidBit rdrand{cpuid_leaf::features, &CpuidResult::ecx, 30};
inline constexpr CpuidBit hypervisor{cpuid_leaf::features, &CpuidResult::ecx, 31};
inline constexpr CpuidBit apic{cpuid_leaf::features, &CpuidResult::edx, 9};
inline constexpr CpuidBit fsgsbase{cpuid_leaf::extended_features, &CpuidResult::ebx, 0};
inline constexpr CpuidBit tsc_adjust{cpuid_leaf::extended_features, &CpuidResult::ebx, 1};
inline constexpr CpuidBit avx2{cpuid_leaf::extended_features, &CpuidResult::ebx, 5};
inline constexpr CpuidBit no_execute{cpuid_leaf::extended_processor, &CpuidResult::edx, 20};
}  // namespace cpuid_bit

/// The processor has the leaf, and the bit is set. Each look is an exit on a hardware-assisted machine.
[[nodiscard]] inline bool has_cpuid_bit(const CpuidBit& feature) {
    const std::uint32_t highest = cpuid(feature.leaf & cpuid_leaf::extended_base).eax;
    return highest >= feature.leaf && feature.is_set_in(cpuid(feature.leaf));
}

}  // namespace tenon
