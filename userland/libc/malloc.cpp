// SPDX-License-Identifier: Apache-2.0
// malloc and its family, and with them C++'s new: the kernel heap under its standard names.
#include <malloc.h>
#include <reent.h>
#include <stdlib.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "kernel/base/address.h"
#include "kernel/mm/heap.h"

namespace {

constexpr std::size_t default_alignment = 16;

void* allocate(std::size_t size, std::size_t alignment = default_alignment) {
    // malloc(0) gives a pointer of its own, as with other C libraries: programs take null for an error.
    void* memory = size <= PTRDIFF_MAX ? tenon::heap_allocate(std::max<std::size_t>(size, 1), alignment) : nullptr;
    if (memory == nullptr) errno = ENOMEM;
    return memory;
}

void* allocate_aligned(std::size_t alignment, std::size_t size) {
    if (!std::has_single_bit(alignment)) {
        errno = EINVAL;
        return nullptr;
    }
    return allocate(size, std::max(alignment, default_alignment));
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) { return allocate(size); }

void free(void* memory) { tenon::heap_free(memory); }

void* calloc(std::size_t count, std::size_t size) {
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
    // The heap knows which memory is zero already: touching it would make the host allocate it.
    void* memory = bytes <= PTRDIFF_MAX ? tenon::heap_allocate_zeroed(std::max<std::size_t>(bytes, 1)) : nullptr;
    if (memory == nullptr) errno = ENOMEM;
    return memory;
}

void* realloc(void* memory, std::size_t size) {
    if (memory == nullptr) return allocate(size);
    const std::size_t usable = tenon::heap_usable_size(memory);
    // The block is large enough, and keeping it wastes no more than half.
    if (size <= usable && (size >= usable / 2 || tenon::heap_shrink(memory, size))) return memory;
    void* moved = allocate(size);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, memory, std::min(size, usable));
    tenon::heap_free(memory);
    return moved;
}

void* memalign(std::size_t alignment, std::size_t size) { return allocate_aligned(alignment, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return allocate_aligned(alignment, size); }
void* valloc(std::size_t size) { return allocate(size, tenon::page_size); }

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
    if (!std::has_single_bit(alignment) || alignment < sizeof(void*)) return EINVAL;
    // Reports errors by its result, not by errno.
    void* memory = size <= PTRDIFF_MAX
                       ? tenon::heap_allocate(std::max<std::size_t>(size, 1), std::max(alignment, default_alignment))
                       : nullptr;
    if (memory == nullptr) return ENOMEM;
    *result = memory;
    return 0;
}

int malloc_trim(std::size_t) {
    tenon::heap_trim();
    return 1;
}

std::size_t malloc_usable_size(void* memory) { return memory != nullptr ? tenon::heap_usable_size(memory) : 0; }

// Newlib's own calls. Their first argument is the caller's __getreent(), which errno refers to as well.
void* _malloc_r(_reent*, std::size_t size) { return malloc(size); }
void* _calloc_r(_reent*, std::size_t count, std::size_t size) { return calloc(count, size); }
void* _realloc_r(_reent*, void* memory, std::size_t size) { return realloc(memory, size); }
void* _memalign_r(_reent*, std::size_t alignment, std::size_t size) { return memalign(alignment, size); }
void _free_r(_reent*, void* memory) { free(memory); }

}  // extern "C"
