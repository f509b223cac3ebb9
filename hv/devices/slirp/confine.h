// SPDX-License-Identifier: Apache-2.0
// hv-slirp's confinement, from before the guest's first frame.
#pragma once

#include "hv/core/error.h"

namespace hv::slirp {

/// Dies with `parent`, from here on. Errors: internal (it is gone already).
Result<> tie_to(int parent);

/// No new privileges, no capabilities, no other user's rights, no files but the resolver's configuration, and no system
/// calls besides those that a network needs. Errors: host_lacks.
Result<> confine();

}  // namespace hv::slirp
