// SPDX-License-Identifier: Apache-2.0
// Having the host write RAM to its swap.
#pragma once

#include <cstdint>

namespace tenon {

/// Asks the host to page out `bytes` of memory in use; goes on where the last call ended, and once around at most.
/// Free and ballooned pages are left out: what they hold is worth no swap. On a thread; may take its time.
void page_out_memory(std::uint64_t bytes);

}  // namespace tenon
