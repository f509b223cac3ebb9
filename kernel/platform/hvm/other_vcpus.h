// SPDX-License-Identifier: Apache-2.0
// The vCPUs of a hardware-assisted machine other than the first one: application processors in Intel's terms (SDM
// volume 3, 8.4).
#pragma once

#include <cstdint>
#include <span>

#include "hypercall/start_info.h"
#include "kernel/acpi/tables.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/platform/hvm/crash_text.h"
#include "kernel/platform/other_vcpus.h"

namespace tenon::hvm {

/// All functions but the first two are called when there are several vCPUs.
struct OtherVcpus {
    /// Finds the processors that firmware lists, and returns the page of `ram` from which they start. While all memory
    /// below `memory`'s limit is still mapped.
    abi::MemoryRange (*find)(const acpi::Tables& tables, const acpi::PhysicalMemory& memory,
                             std::span<const abi::MemoryRange> ram);
    std::uint32_t (*count)();  ///< the first one included
    void (*start)(std::uint32_t vcpu, void* stack_end);
    void (*notify)(const Cpu& cpu);
    void (*let_lock_holder_run)();
    /// Makes the others forget translations of addresses, before they next run code with interrupts unmasked.
    void (*forget_translations)();
    /// Stops the others; another vCPU that calls it meanwhile does not return.
    void (*stop_for_report)();
    /// Writes where each of the others was.
    void (*write_report)(WriteCrashText write);
    /// In an NMI: does not return if that was stop_for_report()'s.
    void (*take_stop)(const TrapFrame& frame);
};

/// Weak: linked only into an image that refers to tenon_other_vcpus_are_linked. Otherwise its address is null.
extern "C" [[gnu::weak]] const OtherVcpus tenon_other_vcpus;

[[nodiscard]] inline const OtherVcpus* other_vcpus() { return &tenon_other_vcpus; }

}  // namespace tenon::hvm
