// SPDX-License-Identifier: Apache-2.0
// An address for memory of a device that firmware has given none.
#pragma once

#include "hypercall/start_info.h"
#include "kernel/base/result.h"
#include "kernel/pci/configuration_space.h"

namespace tenon::pci {

/// The lowest multiple of `size` (a power of two) in `hole` that no bar and no bridge of bus 0 uses for `size` bytes.
/// What lies behind a bridge takes its place out of the bridge's, so this serves devices on bus 0 only. Error:
/// no_memory.
[[nodiscard]] Result<std::uint64_t> find_free_address(ConfigurationSpace& space, abi::MemoryRange hole,
                                                      std::uint64_t size);

}  // namespace tenon::pci
