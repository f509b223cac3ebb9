// SPDX-License-Identifier: Apache-2.0
// The machine's two zones: RAM, and the DMA zone, which devices may access.
#pragma once

#include "kernel/mm/zone.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {

/// For memory management and its cooperation with the host only; all others use heap.h and page_allocator.h. Page 0 of
/// the RAM zone is guest-physical address 0.
[[nodiscard]] Locked<Zone>& ram_zone();
[[nodiscard]] Locked<Zone>& dma_zone();

}  // namespace tenon
