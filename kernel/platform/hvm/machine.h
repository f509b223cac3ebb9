// SPDX-License-Identifier: Apache-2.0
// The part that all hardware-assisted machines have in common, of hv and of other hypervisors.
#pragma once

#include "hypercall/clock.h"
#include "kernel/platform/hvm/descriptor_tables.h"

namespace tenon::hvm {

/// Prepares traps, interrupt controllers and the timer, once the address space is built. `clock` is the page that
/// deadlines refer to. Afterwards interrupts are enabled in the processor, and masked in software.
void start_processor(const abi::PvClock& clock);

/// The same for another vCPU, with descriptor tables of its own.
void start_other_processor(DescriptorTables& tables);

/// For errors before a platform exists: prints the reason on the serial port and ends the machine.
[[noreturn]] void refuse_to_boot(const char* what, const char* detail);

}  // namespace tenon::hvm
