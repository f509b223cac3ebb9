// SPDX-License-Identifier: Apache-2.0
// The DMA zone of unit tests: the build machine's heap, so that the address sanitizer watches it.
#include <cstdlib>

#include "kernel/mm/heap.h"

namespace tenon {

void* dma_allocate(std::size_t size, std::size_t alignment) {
    void* memory = nullptr;
    return posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}
void dma_free(void* pointer) { std::free(pointer); }

}  // namespace tenon
