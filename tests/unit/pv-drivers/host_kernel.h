// SPDX-License-Identifier: Apache-2.0
// What a test can change in the unit tests' kernel.
#pragma once

#include <cstddef>
#include <span>

namespace tenon::test {

/// Memory that is not in the DMA zone; all other memory is.
std::span<std::byte>& outside_of_dma_zone();
/// Larger blocks are not to be had in the DMA zone.
std::size_t& largest_dma_block();

}  // namespace tenon::test
