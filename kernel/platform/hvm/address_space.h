// SPDX-License-Identifier: Apache-2.0
// The machine's one address space: RAM and devices at guest_base + physical address, W^X, page 0 unmapped.
#pragma once

#include <cstdint>
#include <span>

#include "hypercall/start_info.h"
#include "kernel/base/address.h"

namespace tenon::hvm {

/// Highest guest-physical address that can be mapped, and the highest one of RAM.
inline constexpr std::uint64_t address_space_limit = 64ULL << 40, ram_limit = 512ULL << 30;

/// Replaces the entry code's tables, identity map included. The new tables occupy the end of `ram` below 4 GiB and
/// outside of `taken`; returns that range. Empty: there is no room, and nothing was changed.
[[nodiscard]] abi::MemoryRange build_address_space(std::span<const abi::MemoryRange> ram, abi::MemoryRange taken);

/// Maps device registers, uncached. False: the range overlaps RAM, or cannot be mapped.
[[nodiscard]] bool map_device_registers(abi::MemoryRange registers);

/// Makes one page of RAM inaccessible, or accessible again.
void set_guard(void* page, bool guard);

}  // namespace tenon::hvm
