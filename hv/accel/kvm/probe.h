// SPDX-License-Identifier: Apache-2.0
// Whether /dev/kvm is usable, and whether it runs ring-0 code at the processor's speed.
#pragma once

#include "hv/accel/kvm/speed.h"

namespace hv {

/// Takes microseconds on a processor, and some milliseconds where ring 0 is emulated.
/// Errors: host_lacks (no /dev/kvm, or of another version), no_permission.
Result<KvmSpeed> probe_kvm();

}  // namespace hv
