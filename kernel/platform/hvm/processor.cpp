// SPDX-License-Identifier: Apache-2.0
// Processor features (Intel SDM volume 2, CPUID; volume 3, 2.5 and 13).
#include "kernel/platform/hvm/processor.h"

#include <initializer_list>

#include "kernel/arch/x86_64/cpuid.h"
#include "kernel/arch/x86_64/system_registers.h"

namespace tenon::hvm {

namespace {

struct Requirement {
    std::uint32_t leaf;
    std::uint32_t CpuidResult::*output;
    std::uint32_t bit;
    const char* name;
};

constexpr Requirement requirements[] = {
    {1, &CpuidResult::ecx, 26, "XSAVE"},
    {1, &CpuidResult::edx, 9, "APIC"},
    {7, &CpuidResult::ebx, 0, "FSGSBASE"},
    {0x8000'0001, &CpuidResult::edx, 20, "NX"},
};

bool has(const Requirement& feature) {
    if (cpuid(feature.leaf & 0x8000'0000).eax < feature.leaf) return false;
    return (cpuid(feature.leaf).*feature.output >> feature.bit & 1) != 0;
}

char names[64];

}  // namespace

const char* missing_processor_features() {
    char* end = names;
    for (const Requirement& requirement : requirements) {
        if (has(requirement)) continue;
        for (const char* text : {end == names ? "" : ", ", requirement.name})
            while (*text != 0) *end++ = *text++;
        *end = 0;
    }
    return end == names ? nullptr : names;
}

std::uint64_t enable_processor_features(std::uint64_t wanted) {
    write_cr0((read_cr0() & ~(cr0::emulation | cr0::task_switched)) | cr0::monitor_coprocessor | cr0::numeric_error |
              cr0::write_protect);
    write_cr4(read_cr4() | cr4::fxsave | cr4::simd_exceptions | cr4::fsgsbase | cr4::xsave);
    write_msr(msr::efer, read_msr(msr::efer) | msr::efer_no_execute);
    constexpr std::uint32_t xsave_leaf = 0xD;
    constexpr std::uint64_t x87_and_sse = 3;
    const std::uint64_t mask = (cpuid(xsave_leaf).eax & wanted & baseline_xstate) | x87_and_sse;
    // Writing it leaves guest mode, reading does not; hv has set it already.
    if (read_xcr0() != mask) write_xcr0(mask);
    return mask;
}

bool has_x2apic() { return (cpuid(1).ecx >> 21 & 1) != 0; }
bool has_tsc_deadline_timer() { return (cpuid(1).ecx >> 24 & 1) != 0; }

}  // namespace tenon::hvm
