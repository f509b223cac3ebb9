// SPDX-License-Identifier: Apache-2.0
// mmap and its relatives. There is one address space, in which all memory is mapped: a mapping is a range of pages of
// its own.
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

#include "kernel/base/address.h"
#include "kernel/mm/page_range.h"
#include "userland/posix/descriptors.h"

namespace tenon::posix {

namespace {

bool is_aligned(const void* address) { return reinterpret_cast<std::uintptr_t>(address) % page_size == 0; }

/// Pages of `size` bytes from `address` on. Error: EINVAL.
Outcome<std::uint64_t> page_count(const void* address, std::size_t size) {
    if (!is_aligned(address) || size > PTRDIFF_MAX) return fail_with(EINVAL);
    return (size + page_size - 1) / page_size;
}

/// The file that a mapping copies. Errors: EBADF, EACCES, ENODEV.
Outcome<FileReference> readable_regular_file(int fd, bool is_shared) {
    TRY(FileReference file, file_of(fd));
    if (!file->may_read()) return fail_with(EACCES);
    // Writers and mappings would have to see each other's bytes.
    if (file->kind() != File::Kind::regular || is_shared) return fail_with(ENODEV);
    return file;
}

/// What is behind the end of the file stays 0.
Outcome<> copy_file(File& file, off_t offset, std::span<std::byte> memory) {
    while (!memory.empty()) {
        TRY(const std::size_t size, file.read_at(memory, offset));
        if (size == 0) break;
        memory = memory.subspan(size);
        offset += static_cast<off_t>(size);
    }
    return {};
}

/// MAP_FIXED: pages that are mapped already are used anew. Nothing can be placed elsewhere.
Outcome<void*> take_over(void* address, std::uint64_t count, int flags) {
    if ((flags & MAP_FIXED_NOREPLACE) != 0)
        return fail_with(page_range::is_any_mapped(address, count) ? EEXIST : ENOMEM);
    if (!page_range::is_mapped(address, count)) return fail_with(ENOMEM);
    page_range::protect(address, count, true);
    page_range::clear(address, count);
    return address;
}

Outcome<void*> map(void* address, std::size_t size, int protection, int flags, int fd, off_t offset) {
    const int kind = flags & (MAP_SHARED | MAP_PRIVATE);
    if (size == 0 || kind == 0 || kind == (MAP_SHARED | MAP_PRIVATE) || offset % page_size != 0)
        return fail_with(EINVAL);
    if ((protection & PROT_EXEC) != 0) return fail_with(EPERM);
    if (size > PTRDIFF_MAX - page_size) return fail_with(ENOMEM);
    FileReference file;
    if ((flags & MAP_ANONYMOUS) == 0) {
        TRY(file, readable_regular_file(fd, kind == MAP_SHARED));
        if (offset < 0) return fail_with(EOVERFLOW);
    }
    const std::uint64_t count = (size + page_size - 1) / page_size;
    const bool is_fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    if (is_fixed && !is_aligned(address)) return fail_with(EINVAL);
    void* pages = nullptr;
    if (is_fixed) {
        TRY(pages, take_over(address, count, flags));
    } else {
        pages = page_range::allocate(count);
    }
    if (pages == nullptr) return fail_with(ENOMEM);
    if (file) {
        const auto copied = copy_file(*file, offset, {static_cast<std::byte*>(pages), count * page_size});
        if (!copied) {
            if (!is_fixed) page_range::free(pages, count);
            return std::unexpected(copied.error());
        }
    }
    if (protection == PROT_NONE) page_range::protect(pages, count, false);
    return pages;
}

Outcome<> unmap(void* address, std::size_t size) {
    TRY(const std::uint64_t count, page_count(address, size));
    if (count == 0) return fail_with(EINVAL);
    page_range::free(address, count);
    return {};
}

Outcome<> protect(void* address, std::size_t size, int protection) {
    TRY(const std::uint64_t count, page_count(address, size));
    if ((protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC)) != 0) return fail_with(EINVAL);
    if (count == 0) return {};
    if (!page_range::is_mapped(address, count)) return fail_with(ENOMEM);
    if ((protection & PROT_EXEC) != 0) return fail_with(EACCES);
    page_range::protect(address, count, protection != PROT_NONE);
    return {};
}

/// Errors: EINVAL, ENOMEM (not mapped).
Outcome<std::uint64_t> mapped_pages(const void* address, std::size_t size) {
    TRY(const std::uint64_t count, page_count(address, size));
    if (count != 0 && !page_range::is_mapped(address, count)) return fail_with(ENOMEM);
    return count;
}

Outcome<> synchronise(void* address, std::size_t size, int flags) {
    const bool both = (flags & MS_ASYNC) != 0 && (flags & MS_SYNC) != 0;
    if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 || both) return fail_with(EINVAL);
    CHECK(mapped_pages(address, size));
    return {};
}

Outcome<> advise(void* address, std::size_t size, int advice) {
    switch (advice) {
        case MADV_NORMAL:
        case MADV_RANDOM:
        case MADV_SEQUENTIAL:
        case MADV_WILLNEED:
        case MADV_DONTNEED:
        case MADV_FREE:
        case MADV_DONTFORK:
        case MADV_DOFORK:
        case MADV_MERGEABLE:
        case MADV_UNMERGEABLE:
        case MADV_HUGEPAGE:
        case MADV_NOHUGEPAGE:
        case MADV_DONTDUMP:
        case MADV_DODUMP: break;
        default: return fail_with(EINVAL);
    }
    TRY(const std::uint64_t count, mapped_pages(address, size));
    if (count != 0 && (advice == MADV_DONTNEED || advice == MADV_FREE)) page_range::clear(address, count);
    return {};
}

Outcome<void*> remap(void* address, std::size_t old_size, std::size_t new_size, int flags) {
    if ((flags & ~MREMAP_MAYMOVE) != 0 || new_size == 0 || old_size == 0) return fail_with(EINVAL);
    TRY(const std::uint64_t old_count, page_count(address, old_size));
    TRY(const std::uint64_t new_count, page_count(address, new_size));
    if (!page_range::is_mapped(address, old_count)) return fail_with(EFAULT);
    if (new_count <= old_count) {
        if (new_count != old_count)
            page_range::free(static_cast<std::byte*>(address) + new_count * page_size, old_count - new_count);
        return address;
    }
    if ((flags & MREMAP_MAYMOVE) == 0) return fail_with(ENOMEM);
    void* moved = page_range::allocate(new_count);
    if (moved == nullptr) return fail_with(ENOMEM);
    page_range::protect(address, old_count, true);
    std::memcpy(moved, address, old_count * page_size);
    page_range::free(address, old_count);
    return moved;
}

void* answer_pointer(const Outcome<void*>& outcome) {
    if (outcome) return *outcome;
    errno = outcome.error().code;
    return reinterpret_cast<void*>(-1);  // MAP_FAILED
}

Outcome<> tell_resident(void* address, std::size_t size, unsigned char* resident) {
    TRY(const std::uint64_t count, mapped_pages(address, size));
    if (count != 0 && resident == nullptr) return fail_with(EFAULT);
    std::fill_n(resident, count, static_cast<unsigned char>(1));
    return {};
}

}  // namespace

extern "C" {

void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
    return answer_pointer(map(address, size, protection, flags, fd, offset));
}
int munmap(void* address, size_t size) { return answer(unmap(address, size)); }
int mprotect(void* address, size_t size, int protection) { return answer(protect(address, size, protection)); }
int msync(void* address, size_t size, int flags) { return answer(synchronise(address, size, flags)); }
int madvise(void* address, size_t size, int advice) { return answer(advise(address, size, advice)); }
int posix_madvise(void* address, size_t size, int advice) {
    // It may not destroy contents.
    if (advice == POSIX_MADV_DONTNEED) advice = POSIX_MADV_NORMAL;
    const auto done = advise(address, size, advice);
    return done ? 0 : done.error().code;
}
void* mremap(void* address, size_t old_size, size_t new_size, int flags, ...) {
    return answer_pointer(remap(address, old_size, new_size, flags));
}
int mincore(void* address, size_t size, unsigned char* resident) {
    return answer(tell_resident(address, size, resident));
}
// All memory is present. An address need not be a page's, and may be of a stack or the heap.
int mlock(const void*, size_t) { return 0; }
int mlock2(const void*, size_t, unsigned int flags) { return flags > 1 ? answer<int>(fail_with(EINVAL)) : 0; }
int munlock(const void*, size_t) { return 0; }
int mlockall(int flags) {
    constexpr int known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
    return (flags & ~known) != 0 || (flags & (MCL_CURRENT | MCL_FUTURE)) == 0 ? answer<int>(fail_with(EINVAL)) : 0;
}
int munlockall() { return 0; }

}  // extern "C"

}  // namespace tenon::posix
