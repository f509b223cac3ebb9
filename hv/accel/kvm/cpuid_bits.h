// SPDX-License-Identifier: Apache-2.0
// Leaves and bits of CPUID, by the names of the manuals: Intel SDM, volume 2A, "CPUID - CPU Identification" (each leaf
// is a row of its table "Information Returned by CPUID Instruction"), and AMD APM, volume 3, appendix E.
#pragma once

#include <cstdint>

namespace hv::kvm::cpuid {

/// SDM, leaf 01H, "Feature Information"; APM, E.3.2, "Function 1h".
namespace features {
inline constexpr std::uint32_t leaf = 0x1;
// EBX
inline constexpr std::uint32_t ebx_brand_and_clflush = 0x0000'FFFF;
inline constexpr unsigned ebx_logical_processors_shift = 16;  ///< most that a package has room for
inline constexpr unsigned ebx_initial_apic_id_shift = 24;
// ECX
inline constexpr std::uint32_t ecx_monitor = 1U << 3;
inline constexpr std::uint32_t ecx_vmx = 1U << 5;
inline constexpr std::uint32_t ecx_pdcm = 1U << 15;  ///< performance and debug capabilities MSR
inline constexpr std::uint32_t ecx_x2apic = 1U << 21;
inline constexpr std::uint32_t ecx_tsc_deadline = 1U << 24;
inline constexpr std::uint32_t ecx_hypervisor = 1U << 31;  ///< 0 on every processor (APM: for use by hypervisors)
// EDX
inline constexpr std::uint32_t edx_htt = 1U << 28;  ///< EBX's number of logical processors is valid
}  // namespace features

/// SDM, leaf 05H, "MONITOR/MWAIT Leaf"; APM, E.3.4, "Function 5h".
inline constexpr std::uint32_t monitor_leaf = 0x5;

/// SDM, leaf 06H, "Thermal and Power Management Leaf"; APM, E.3.5, "Function 6h".
namespace power {
inline constexpr std::uint32_t leaf = 0x6;
inline constexpr std::uint32_t eax_arat = 1U << 2;  ///< the APIC timer always runs
}  // namespace power

/// SDM, leaf 0AH, "Architectural Performance Monitoring Leaf".
inline constexpr std::uint32_t performance_leaf = 0xA;

/// SDM, leaves 0BH, "Extended Topology Enumeration Leaf", and 1FH, "V2 Extended Topology Enumeration Leaf"; APM, E.3.8,
/// "Function Bh". EDX is the x2APIC id.
inline constexpr std::uint32_t topology_leaf = 0xB, topology_v2_leaf = 0x1F;

/// SDM, leaf 80000001H; APM, E.4.2, "Function 8000_0001h".
namespace extended_features {
inline constexpr std::uint32_t leaf = 0x8000'0001;
inline constexpr std::uint32_t ecx_svm = 1U << 2;
inline constexpr std::uint32_t ecx_perf_ctr_ext_core = 1U << 23;
inline constexpr std::uint32_t ecx_perf_ctr_ext_nb = 1U << 24;
}  // namespace extended_features

/// APM, E.4.9, "Function 8000_000Ah - SVM Features".
inline constexpr std::uint32_t svm_leaf = 0x8000'000A;

}  // namespace hv::kvm::cpuid
