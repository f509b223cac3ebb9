// SPDX-License-Identifier: Apache-2.0
// The system calls that a vCPU's thread may make.
#pragma once

#include "hv/core/error.h"

namespace hv::kvm {

/// Installs a permanent filter on the calling thread, in addition to hv's own. Allowed are KVM_RUN and reading
/// registers of `vcpu`, writing to `event`, futexes, memory for the C++ library, and exit. Any other call kills hv and
/// the guest.
Result<> confine_vcpu_thread(int vcpu, int event);

}  // namespace hv::kvm
