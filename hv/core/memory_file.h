// SPDX-License-Identifier: Apache-2.0
// Memory files, on kernels that know MFD_EXEC and MFD_NOEXEC_SEAL (6.3) and on those that do not.
#pragma once

#include "hv/core/file_descriptor.h"

namespace hv {

/// A new memfd that takes seals; executable or not. Invalid on failure, with errno set.
[[nodiscard]] FileDescriptor create_memory_file(const char* name, bool executable);

}  // namespace hv
