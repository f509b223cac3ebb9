// SPDX-License-Identifier: Apache-2.0
// Looking at pages and dropping the zero ones, as one step.
#pragma once

#include "balloon/zero_chunk.h"

namespace tenon::balloon {

struct DroppedChunk {
    ZeroChunk seen;
    std::uint64_t dropped;  ///< of the zero pages, those that the host has been given
};

/// Looks at the chunk that begins with `first` and drops its zero pages, but for those whose bits are in `keep`.
/// Nothing else of the guest runs from the look until the host has dropped them. On a thread, with interrupts unmasked;
/// only if may_report_in_use().
[[nodiscard]] DroppedChunk drop_zero_pages(PageIndex first, ZeroTest is_zero, std::uint64_t keep);

}  // namespace tenon::balloon
