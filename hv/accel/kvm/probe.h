// SPDX-License-Identifier: Apache-2.0
// Whether /dev/kvm is usable, and whether it runs ring-0 code at the processor's speed.
#pragma once

#include <cstdint>
#include <string>

#include "hv/core/error.h"

namespace hv {

/// What a short loop in a throw-away VM showed. Some hosts offer a /dev/kvm that emulates ring-0 code one instruction
/// at a time: correct, and a thousand times too slow to be preferred over `pv`.
struct KvmSpeed {
    bool fast;
    std::uint64_t instructions;  ///< executed in ring 0
    std::uint64_t elapsed_ns;
    std::string reason;  ///< for the user: "ring 0 runs at 0.2 MIPS (emulated); below 50 MIPS"
};

/// Takes a few milliseconds at most, however slow the machine: the loop is stopped from outside.
/// Errors: host_lacks (no /dev/kvm, or of another version), no_permission.
Result<KvmSpeed> probe_kvm();

}  // namespace hv
