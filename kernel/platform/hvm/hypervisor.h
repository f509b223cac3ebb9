// SPDX-License-Identifier: Apache-2.0
// Whether the hypervisor below is hv, and what it offers then (hypercall/start_info.h).
#pragma once

#include <cstdint>

#include "hypercall/start_info.h"

namespace tenon::hvm {

struct HvOffer {
    std::uint64_t io_zone;       ///< guest-physical; StartInfo stands at its start
    std::uint32_t control_line;  ///< of the I/O APIC: the control event
};

/// hv's CPUID leaves. Null where the hypervisor is another one, or none.
[[nodiscard]] const HvOffer* find_hv();

/// Announces a crash by the pvpanic port, if there is one (QEMU, docs/specs/pvpanic).
void signal_pvpanic();

/// Ends a machine without hv, as far as that is possible: `debug_port` (isa-debug-exit) if it is not 0, else a reset by
/// keyboard controller or triple fault.
[[noreturn]] void end_machine(std::uint16_t debug_port, std::uint8_t code);

}  // namespace tenon::hvm
