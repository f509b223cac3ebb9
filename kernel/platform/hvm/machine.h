// SPDX-License-Identifier: Apache-2.0
// What hardware-assisted machines have in common, with hv below or another hypervisor.
#pragma once

#include "hypercall/clock.h"

namespace tenon::hvm {

/// Interrupt controllers, timer and traps; the address space is built. `clock` is the page that deadlines refer to.
/// Interrupts are enabled in the processor afterwards, and masked in software.
void start_processor(const abi::PvClock& clock);

/// Last words where no platform exists yet: names what is wrong on the serial port, and ends the machine.
[[noreturn]] void refuse_to_boot(const char* what, const char* detail);

}  // namespace tenon::hvm
