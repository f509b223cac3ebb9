// SPDX-License-Identifier: Apache-2.0
// What the processor must have, and switching it on.
#pragma once

#include <cstdint>

namespace tenon::hvm {

/// Names of what the processor lacks, separated by ", "; null if it has all that is needed.
[[nodiscard]] const char* missing_processor_features();

/// Switches on what the kernel uses: FSGSBASE, XSAVE, no-execute pages, write protection in ring 0. Returns the XSAVE
/// components that are kept: those of `wanted` that the processor has.
std::uint64_t enable_processor_features(std::uint64_t wanted);

/// Components that frames keep by themselves: x87, SSE, AVX.
inline constexpr std::uint64_t baseline_xstate = 7;

[[nodiscard]] bool has_x2apic();
[[nodiscard]] bool has_tsc_deadline_timer();

}  // namespace tenon::hvm
