// SPDX-License-Identifier: Apache-2.0
// Whether /dev/kvm is usable, and whether it runs ring-0 code at the processor's speed.
#pragma once

#include <cstdint>
#include <string>

#include "hv/core/error.h"

namespace hv {

/// The speed of a short loop in a throw-away VM. Some hosts offer a /dev/kvm that emulates ring-0 code one instruction
/// at a time: correct, but a thousand times too slow to be preferred over `pv`.
struct KvmSpeed {
    bool fast;                   ///< worth choosing
    bool emulated;               ///< too slow for any use
    std::uint64_t instructions;  ///< executed in ring 0
    std::uint64_t elapsed_ns;
    std::string reason;  ///< for the user: "ring 0 is emulated: 0.2 million instructions a second"
};

/// Takes a few milliseconds at most, as the length of the loop follows the host's speed.
/// Errors: host_lacks (no /dev/kvm, or of another version), no_permission.
Result<KvmSpeed> probe_kvm();

}  // namespace hv
