// SPDX-License-Identifier: Apache-2.0
// Giving back the memory that hv needed only to start.
#pragma once

namespace hv {

/// Drops the pages of hv's own code and constants from its address space, and returns free heap to the kernel. Code
/// that the loop runs comes back from the page cache, by some 20 faults; code that only the start needed, most of the
/// file, does not.
void give_back_start_up_memory();

}  // namespace hv
