// SPDX-License-Identifier: Apache-2.0
// Detecting hv, and what it offers (hypercall/start_info.h).
#pragma once

#include <cstdint>

#include "hypercall/start_info.h"

namespace tenon::hvm {

struct HvOffer {
    std::uint64_t io_zone;       ///< guest-physical; StartInfo stands at its start
    std::uint32_t control_line;  ///< of the I/O APIC: the control event
};

/// Reads hv's CPUID leaves. Null: the hypervisor is another one, or there is none.
[[nodiscard]] const HvOffer* find_hv();

/// Announces a crash at the pvpanic port, if there is one (QEMU, docs/specs/pvpanic).
void signal_pvpanic();

/// Ends a machine of another hypervisor: by `debug_port` (isa-debug-exit) if it is not 0, else by a reset through the
/// keyboard controller or by a triple fault.
[[noreturn]] void end_machine(std::uint16_t debug_port, std::uint8_t code);

}  // namespace tenon::hvm
