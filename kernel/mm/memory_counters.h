// SPDX-License-Identifier: Apache-2.0
// What memory cooperation has done since boot.
#pragma once

#include <cstdint>

#include "hypercall/events.h"

namespace tenon {

/// The counters stand where the hypervisor reads them (abi::EventPage), or in the kernel's own memory if it does not.
/// Callable from every context; each call is one atomic operation.
void count_memory(abi::MemoryCounter counter, std::uint64_t amount);
/// For a counter that says how much there is now (pages_ballooned).
void set_memory_count(abi::MemoryCounter counter, std::uint64_t value);
[[nodiscard]] std::uint64_t memory_count(abi::MemoryCounter counter);

}  // namespace tenon
