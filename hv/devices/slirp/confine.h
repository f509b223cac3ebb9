// SPDX-License-Identifier: Apache-2.0
// hv-slirp's confinement, from before the guest's first frame.
#pragma once

#include <cstdint>

#include "hv/core/error.h"

namespace hv::slirp {

/// Dies with `parent`, from here on. Errors: internal (it is gone already).
Result<> tie_to(int parent);

/// This process cannot have more than `bytes` of data: an allocation beyond it fails.
void limit_data(std::uint64_t bytes);

/// No new privileges, no capabilities, no other user's rights, no files but the resolver's configuration, and no system
/// calls besides those that a network needs. Errors: host_lacks.
Result<> confine();

}  // namespace hv::slirp
