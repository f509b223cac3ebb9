// SPDX-License-Identifier: Apache-2.0
// Giving memory back after the start.
#include "hv/core/footprint.h"

#include <elf.h>
#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>

/// Defined by the linker: the start of hv's ELF file in memory.
extern "C" const Elf64_Ehdr __ehdr_start;  // NOLINT(bugprone-reserved-identifier)

namespace hv {

namespace {

constexpr std::uintptr_t page_size = 4096;

}  // namespace

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
        madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
    }
    malloc_trim(0);
}

}  // namespace hv
