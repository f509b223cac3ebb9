// SPDX-License-Identifier: Apache-2.0
// Allocating pages of RAM.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/base/address.h"

namespace tenon {

/// 2^order pages, naturally aligned. Contents are undefined. Null if there is no such block, also after memory was
/// reclaimed. Callable with interrupts masked: then nothing is reclaimed.
[[nodiscard]] void* allocate_pages(std::uint32_t order);
/// `pages` came from allocate_pages with this order.
void free_pages(void* pages, std::uint32_t order);

/// The same with the lowest page inaccessible, so that a stack overflow traps.
[[nodiscard]] void* allocate_guarded_pages(std::uint32_t order);
void free_guarded_pages(void* pages, std::uint32_t order);

struct MemoryStatistics {
    std::uint64_t total_bytes;  ///< RAM that the page allocator has, without the kernel image
    std::uint64_t free_bytes;
    std::uint64_t released_bytes;  ///< free memory for which the host holds none: never touched, or reported
    std::uint64_t heap_bytes;      ///< held by the kernel heap, in pages
    std::uint64_t dma_total_bytes;
    std::uint64_t dma_free_bytes;
};
[[nodiscard]] MemoryStatistics memory_statistics();

}  // namespace tenon
