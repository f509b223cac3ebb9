// SPDX-License-Identifier: Apache-2.0
// What an idle machine costs: memory that was needed to start, given back.
#pragma once

namespace hv {

/// Unmaps the pages of hv's own code and constants, and gives free heap back. What the loop needs comes back from the
/// page cache by itself, some 20 faults; what only starting needed, most of the file, does not.
void give_back_start_up_memory();

}  // namespace hv
