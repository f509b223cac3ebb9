// SPDX-License-Identifier: Apache-2.0
// How many files a process may have open.
#pragma once

#include "hv/core/error.h"

namespace hv {

/// Raises the soft limit (ulimit -Sn) to what a machine's processes need, if it is lower. Errors: host_lacks (the hard
/// limit is lower, too).
Result<> raise_open_file_limit();

}  // namespace hv
