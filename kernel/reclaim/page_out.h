// SPDX-License-Identifier: Apache-2.0
// Having the host write RAM to its swap.
#pragma once

#include <cstdint>

namespace tenon {

/// Asks the host to page out `bytes` of memory in use. Continues where the last call ended, and visits each page at
/// most once. Leaves free and ballooned pages out, whose contents need no swap. On a thread; may take long.
void page_out_memory(std::uint64_t bytes);

}  // namespace tenon
