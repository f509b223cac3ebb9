// SPDX-License-Identifier: Apache-2.0
// Checking pages and dropping the zero ones, as one step.
#pragma once

#include "balloon/zero_chunk.h"

namespace tenon::balloon {

struct DroppedChunk {
    ZeroChunk seen;
    std::uint64_t dropped;  ///< zero pages that were given to the host
};

/// Checks the chunk that begins with `first` and drops its zero pages, except those in `keep`. No other code of the
/// guest runs between check and drop. On a thread, with interrupts unmasked; only if may_report_in_use().
[[nodiscard]] DroppedChunk drop_zero_pages(PageIndex first, ZeroTest is_zero, std::uint64_t keep);

}  // namespace tenon::balloon
