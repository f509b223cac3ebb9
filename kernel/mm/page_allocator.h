// SPDX-License-Identifier: Apache-2.0
// Pages of RAM: a buddy allocator with a state for every page.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/base/address.h"

namespace tenon {

/// 2^order pages, naturally aligned. Contents are undefined. Null if there is no such block. Callable with interrupts
/// masked; not from interrupt handlers that may interrupt an allocation unmasked (the lock masks, so there are none).
[[nodiscard]] void* allocate_pages(std::uint32_t order);
/// `pages` came from allocate_pages with this order.
void free_pages(void* pages, std::uint32_t order);

/// The same with the lowest page inaccessible: a stack that grows too far traps.
[[nodiscard]] void* allocate_guarded_pages(std::uint32_t order);
void free_guarded_pages(void* pages, std::uint32_t order);

struct MemoryStatistics {
    std::uint64_t total_bytes;  ///< RAM that the page allocator was given, the kernel image left out
    std::uint64_t free_bytes;
    std::uint64_t released_bytes;  ///< of the free ones: never touched, or reported, so that the host holds nothing
    std::uint64_t heap_bytes;      ///< held by the kernel heap, in pages
    std::uint64_t dma_total_bytes;
    std::uint64_t dma_free_bytes;
};
[[nodiscard]] MemoryStatistics memory_statistics();

}  // namespace tenon
