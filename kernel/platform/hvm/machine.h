// SPDX-License-Identifier: Apache-2.0
// The part that all hardware-assisted machines have in common, of hv and of other hypervisors.
#pragma once

#include "hypercall/clock.h"

namespace tenon::hvm {

/// Prepares traps, interrupt controllers and the timer, once the address space is built. `clock` is the page that
/// deadlines refer to. Afterwards interrupts are enabled in the processor, and masked in software.
void start_processor(const abi::PvClock& clock);

/// For errors before a platform exists: prints the reason on the serial port and ends the machine.
[[noreturn]] void refuse_to_boot(const char* what, const char* detail);

}  // namespace tenon::hvm
