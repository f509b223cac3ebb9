// SPDX-License-Identifier: Apache-2.0
// Base address registers, which say where a function's memory is (PCI Local Bus 3.0, 6.2.5.1).
#pragma once

#include "hypercall/start_info.h"
#include "kernel/base/result.h"
#include "kernel/pci/configuration_space.h"

namespace tenon::pci {

inline constexpr std::uint8_t bar_count = 6;

/// Memory range of bar `index`; base 0: it has no address yet. Switches memory decoding off while it reads the size.
/// Errors: not_supported (I/O ports, a reserved kind, no such register, a 64-bit bar in the last register), not_found
/// (the function does not have this bar).
[[nodiscard]] Result<abi::MemoryRange> read_bar(ConfigurationSpace& space, Location function, std::uint8_t index);

/// Gives bar `index` (one that read_bar has accepted) an address.
void write_bar(ConfigurationSpace& space, Location function, std::uint8_t index, std::uint64_t address);

}  // namespace tenon::pci
