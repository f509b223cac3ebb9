// SPDX-License-Identifier: Apache-2.0
// A machine's memory, as its platform reports it.
#pragma once

#include <span>

#include "hypercall/start_info.h"

namespace tenon {

struct MemoryMap {
    std::span<const abi::MemoryRange> ram;       ///< ascending, disjoint, page-aligned, guest-physical
    std::span<const abi::MemoryRange> reserved;  ///< inside RAM but taken: image, stack arena, boot structures
    abi::MemoryRange dma_zone;  ///< inside RAM; the part of it that is free for buffers. Size 0: carve it out of RAM
    bool ram_is_zero;           ///< fresh pages read as zeros (hv guarantees it), so metadata need not be cleared
};

}  // namespace tenon
