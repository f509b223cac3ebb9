// SPDX-License-Identifier: Apache-2.0
// Reclaiming memory for an allocation that found none.
#pragma once

#include <cstdint>

namespace tenon {

/// Frees memory, at best `bytes` in one piece; returns how much. Not with interrupts masked. Defined by kernel/reclaim,
/// which needs threads, as these need memory.
std::uint64_t reclaim_for_allocation(std::uint64_t bytes);

}  // namespace tenon
