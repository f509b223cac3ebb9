// SPDX-License-Identifier: Apache-2.0
// Addresses for bars to which firmware has assigned none.
#pragma once

#include "hypercall/start_info.h"
#include "kernel/base/result.h"
#include "kernel/pci/configuration_space.h"

namespace tenon::pci {

/// The lowest multiple of `size` (a power of two) in `hole` from which on `size` bytes are used by no bar and no bridge
/// of bus 0. For devices on bus 0 only: a device behind a bridge needs an address in the bridge's window. Error:
/// no_memory.
[[nodiscard]] Result<std::uint64_t> find_free_address(ConfigurationSpace& space, abi::MemoryRange hole,
                                                      std::uint64_t size);

}  // namespace tenon::pci
