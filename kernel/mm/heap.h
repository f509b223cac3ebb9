// SPDX-License-Identifier: Apache-2.0
// The kernel heap, on which malloc and new are built, and a second one in the DMA zone.
#pragma once

#include <cstddef>

namespace tenon {

/// At least `size` bytes aligned to `alignment` (a power of two, at least 16 is given), or null. Interrupts may be
/// masked; not for interrupt handlers.
[[nodiscard]] void* heap_allocate(std::size_t size, std::size_t alignment = 16);
/// The same, filled with zeros. Large memory that was never touched is zero already and is not touched.
[[nodiscard]] void* heap_allocate_zeroed(std::size_t size);
/// Null is ignored. Empty pages go back to the page allocator.
void heap_free(void* pointer);
/// Bytes that may be used at `pointer`: at least the size that was allocated.
[[nodiscard]] std::size_t heap_usable_size(const void* pointer);
/// Shrinks a block of more than 32 KiB in place, to at least `size` bytes; the rest is free at once. False: the block
/// is unchanged (it is small, or would have to grow).
bool heap_shrink(void* pointer, std::size_t size);
/// Frees the empty slabs that the heap keeps for speed.
void heap_trim();

/// The same in the DMA zone: what devices may read and write. to_physical() gives the address for a descriptor.
[[nodiscard]] void* dma_allocate(std::size_t size, std::size_t alignment = 16);
void dma_free(void* pointer);
[[nodiscard]] bool in_dma_zone(const void* pointer, std::size_t size);
/// Bytes of the whole zone.
[[nodiscard]] std::size_t dma_zone_size();

}  // namespace tenon
