// SPDX-License-Identifier: Apache-2.0
// Counters of memory cooperation since boot.
#pragma once

#include <cstdint>

#include "hypercall/events.h"

namespace tenon {

/// The counters are where the hypervisor reads them (abi::EventPage), or in the kernel's own memory if it does not.
/// Callable from every context; each call is one atomic operation.
void count_memory(abi::MemoryCounter counter, std::uint64_t amount);
/// For a counter of a present amount (pages_ballooned).
void set_memory_count(abi::MemoryCounter counter, std::uint64_t value);
[[nodiscard]] std::uint64_t memory_count(abi::MemoryCounter counter);

}  // namespace tenon
