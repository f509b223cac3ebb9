// SPDX-License-Identifier: Apache-2.0
// Linux's capabilities: a confined process has none.
#pragma once

#include "hv/core/error.h"

namespace hv {

/// Empties all five capability sets (effective, permitted, inheritable, ambient, bounding) of the calling thread;
/// threads that it starts later have none either. The bounding set stays where the thread may not change it:
/// no_new_privs makes it meaningless. Errors: internal.
Result<> drop_capabilities();

}  // namespace hv
