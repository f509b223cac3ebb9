// SPDX-License-Identifier: Apache-2.0
// Which features the processor must have, and switching them on.
#pragma once

#include <cstdint>

namespace tenon::hvm {

/// Names of required features that the processor lacks, separated by ", "; null if it has all of them.
[[nodiscard]] const char* missing_processor_features();

/// Switches on what the kernel uses: FSGSBASE, XSAVE, no-execute pages, write protection in ring 0. Returns the XSAVE
/// components in use: those of `wanted` that the processor has.
std::uint64_t enable_processor_features(std::uint64_t wanted);

[[nodiscard]] bool has_x2apic();
[[nodiscard]] bool has_tsc_deadline_timer();

}  // namespace tenon::hvm
