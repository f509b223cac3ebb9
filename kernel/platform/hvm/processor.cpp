// SPDX-License-Identifier: Apache-2.0
// Processor features (Intel SDM volume 2, CPUID; volume 3, 2.5 and 13).
#include "kernel/platform/hvm/processor.h"

#include <initializer_list>

#include "kernel/arch/x86_64/cpuid.h"
#include "kernel/arch/x86_64/system_registers.h"
#include "kernel/arch/x86_64/xstate.h"

namespace tenon::hvm {

namespace {

struct Requirement {
    CpuidBit feature;
    const char* name;
};

constexpr Requirement requirements[] = {
    {cpuid_bit::xsave, "XSAVE"},
    {cpuid_bit::apic, "APIC"},
    {cpuid_bit::fsgsbase, "FSGSBASE"},
    {cpuid_bit::no_execute, "NX"},
};

char names[64];

}  // namespace

const char* missing_processor_features() {
    char* end = names;
    for (const Requirement& requirement : requirements) {
        if (has_cpuid_bit(requirement.feature)) continue;
        for (const char* text : {end == names ? "" : ", ", requirement.name})
            while (*text != 0) *end++ = *text++;
        *end = 0;
    }
    return end == names ? nullptr : names;
}

std::uint64_t enable_processor_features(std::uint64_t wanted) {
    constexpr std::uint64_t cr0_off = CR0_EM | CR0_TS, cr0_on = CR0_MP | CR0_NE | CR0_WP;
    write_cr0((read_cr0() & ~cr0_off) | cr0_on);
    write_cr4(read_cr4() | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE | CR4_OSXSAVE);
    write_msr(MSR_IA32_EFER, read_msr(MSR_IA32_EFER) | EFER_NXE);
    const std::uint64_t mask = (cpuid(cpuid_leaf::xsave).eax & wanted & xstate::baseline) | xstate::x87 | xstate::sse;
    // Writing it leaves guest mode, reading does not; hv has set it already.
    if (read_xcr0() != mask) write_xcr0(mask);
    return mask;
}

bool has_x2apic() { return cpuid_bit::x2apic.is_set_in(cpuid(cpuid_leaf::features)); }
bool has_tsc_deadline_timer() { return cpuid_bit::tsc_deadline.is_set_in(cpuid(cpuid_leaf::features)); }

}  // namespace tenon::hvm
