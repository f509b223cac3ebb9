// SPDX-License-Identifier: Apache-2.0
// Control and model-specific registers. Ring 0 only. Bits: Intel SDM volume 3, 2.5 and 2.2; volume 4 for the MSRs.
#pragma once

#include <cstdint>

namespace tenon {

namespace cr0 {
inline constexpr std::uint64_t monitor_coprocessor = 1 << 1, emulation = 1 << 2, task_switched = 1 << 3,
                               numeric_error = 1 << 5, write_protect = 1 << 16;
}
namespace cr4 {
inline constexpr std::uint64_t pae = 1 << 5, global_pages = 1 << 7, fxsave = 1 << 9, simd_exceptions = 1 << 10,
                               fsgsbase = 1 << 16, xsave = 1 << 18;
}
namespace msr {
inline constexpr std::uint32_t apic_base = 0x1B, tsc_deadline = 0x6E0, efer = 0xC000'0080;
inline constexpr std::uint64_t efer_no_execute = 1 << 11;
}  // namespace msr

inline std::uint64_t read_cr0() {
    std::uint64_t value;
    asm volatile("mov %%cr0, %0" : "=r"(value));
    return value;
}
inline void write_cr0(std::uint64_t value) { asm volatile("mov %0, %%cr0" : : "r"(value) : "memory"); }
inline std::uint64_t read_cr3() {
    std::uint64_t value;
    asm volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}
/// Flushes the translations that are not global, which is all of them: global pages are not used.
inline void write_cr3(std::uint64_t value) { asm volatile("mov %0, %%cr3" : : "r"(value) : "memory"); }
inline std::uint64_t read_cr4() {
    std::uint64_t value;
    asm volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}
inline void write_cr4(std::uint64_t value) { asm volatile("mov %0, %%cr4" : : "r"(value) : "memory"); }
inline std::uint64_t read_xcr0() {
    std::uint32_t low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (static_cast<std::uint64_t>(high) << 32) | low;
}
inline void write_xcr0(std::uint64_t value) {
    asm volatile("xsetbv"
                 :
                 : "c"(0), "a"(static_cast<std::uint32_t>(value)), "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}
inline std::uint64_t read_msr(std::uint32_t number) {
    std::uint32_t low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number) : "memory");
    return (static_cast<std::uint64_t>(high) << 32) | low;
}
inline void write_msr(std::uint32_t number, std::uint64_t value) {
    asm volatile("wrmsr"
                 :
                 : "c"(number), "a"(static_cast<std::uint32_t>(value)), "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}
inline void invalidate_page(const void* page) { asm volatile("invlpg (%0)" : : "r"(page) : "memory"); }

}  // namespace tenon
