// SPDX-License-Identifier: Apache-2.0
// What the thread of a vCPU may ask of the host kernel.
#pragma once

#include "hv/core/error.h"

namespace hv::kvm {

/// Puts a filter on the calling thread, for good, on top of hv's own: KVM_RUN and reading registers of `vcpu`, writing
/// to `event`, futexes, memory for the C++ library, and ending. Anything else kills hv, and the guest with it.
Result<> confine_vcpu_thread(int vcpu, int event);

}  // namespace hv::kvm
