// SPDX-License-Identifier: Apache-2.0
// Giving memory back after the start.
#include "hv/core/footprint.h"

#include <elf.h>
#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>

/// Defined by the linker: the start of hv's ELF file in memory.
extern "C" const Elf64_Ehdr __ehdr_start;  // NOLINT(bugprone-reserved-identifier)

/// glibc's, called at a thread's end: the thread's cache of freed memory is emptied, and does not come back. No public
/// function does that. In the shared library it is hidden.
extern "C" [[gnu::weak]] void __malloc_arena_thread_freeres();  // NOLINT(bugprone-reserved-identifier)

namespace hv {

namespace {

constexpr std::uintptr_t page_size = 4096;

void drop(std::uintptr_t begin, std::uintptr_t end) {
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

/// What deeper calls have left on the stack, but for the page that the next calls use.
void drop_unused_stack() {
    constexpr std::uintptr_t deepest = 64 * page_size;
    const std::uintptr_t end =
        reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)) / page_size * page_size - page_size;
    // The stack does not reach that far down: the kernel drops what there is, and fails for the rest.
    drop(end - deepest, end);
}

}  // namespace

void keep_heap_compact() {
    if (&__malloc_arena_thread_freeres != nullptr) __malloc_arena_thread_freeres();
    mallopt(M_MXFAST, 0);
}

void give_back_start_up_memory() {
    const auto base = reinterpret_cast<std::uintptr_t>(&__ehdr_start);
    const auto* headers = reinterpret_cast<const Elf64_Phdr*>(base + __ehdr_start.e_phoff);
    // In a position-independent file addresses are relative to where it is loaded.
    const std::uintptr_t offset = __ehdr_start.e_type == ET_DYN ? base : 0;
    for (unsigned i = 0; i < __ehdr_start.e_phnum; ++i) {
        const Elf64_Phdr& header = headers[i];
        // Read-only pages are the file's: after MADV_DONTNEED they come back from it.
        if (header.p_type != PT_LOAD || (header.p_flags & PF_W) != 0) continue;
        const std::uintptr_t begin = (offset + header.p_vaddr) / page_size * page_size;
        const std::uintptr_t end = offset + header.p_vaddr + header.p_memsz;
        drop(begin, end);
    }
    malloc_trim(0);
    drop_unused_stack();
}

}  // namespace hv
