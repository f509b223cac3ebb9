// SPDX-License-Identifier: Apache-2.0
// Mappings of memory (IEEE Std 1003.1-2017, <sys/mman.h>, and Linux). docs/posix.md says what is different here.
#ifndef TENON_SYS_MMAN_H
#define TENON_SYS_MMAN_H

#include <stddef.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4 /* refused: nothing becomes executable */

#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_FIXED 0x10
#define MAP_ANONYMOUS 0x20
#define MAP_ANON MAP_ANONYMOUS
/* Without effect. */
#define MAP_GROWSDOWN 0x100
#define MAP_DENYWRITE 0x800
#define MAP_LOCKED 0x2000
#define MAP_NORESERVE 0x4000
#define MAP_POPULATE 0x8000
#define MAP_NONBLOCK 0x10000
#define MAP_STACK 0x20000
#define MAP_FIXED_NOREPLACE 0x100000
#define MAP_FAILED ((void*)-1)

#define MS_ASYNC 1
#define MS_INVALIDATE 2
#define MS_SYNC 4

#define MADV_NORMAL 0
#define MADV_RANDOM 1
#define MADV_SEQUENTIAL 2
#define MADV_WILLNEED 3
#define MADV_DONTNEED 4
#define MADV_FREE 8
#define MADV_DONTFORK 10
#define MADV_DOFORK 11
#define MADV_MERGEABLE 12
#define MADV_UNMERGEABLE 13
#define MADV_HUGEPAGE 14
#define MADV_NOHUGEPAGE 15
#define MADV_DONTDUMP 16
#define MADV_DODUMP 17
#define POSIX_MADV_NORMAL MADV_NORMAL
#define POSIX_MADV_RANDOM MADV_RANDOM
#define POSIX_MADV_SEQUENTIAL MADV_SEQUENTIAL
#define POSIX_MADV_WILLNEED MADV_WILLNEED
#define POSIX_MADV_DONTNEED MADV_DONTNEED

#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED 2

#define MCL_CURRENT 1
#define MCL_FUTURE 2
#define MCL_ONFAULT 4

/// Pages of zeros, or a copy of a file's contents. MAP_FAILED with errno: EINVAL, EBADF, EACCES, ENODEV, ENOMEM,
/// EEXIST, EPERM (PROT_EXEC).
void* mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset);
/// 0, or -1 with errno: EINVAL.
int munmap(void* address, size_t size);
/// PROT_NONE takes all access away; anything else gives it back. 0, or -1 with errno: EINVAL, ENOMEM, EACCES
/// (PROT_EXEC).
int mprotect(void* address, size_t size, int protection);
int msync(void* address, size_t size, int flags);
int madvise(void* address, size_t size, int advice);
int posix_madvise(void* address, size_t size, int advice);
void* mremap(void* address, size_t old_size, size_t new_size, int flags, ...);
int mincore(void* address, size_t size, unsigned char* resident);
/// Memory is locked as far as the host leaves it to the machine.
int mlock(const void* address, size_t size);
int mlock2(const void* address, size_t size, unsigned int flags);
int munlock(const void* address, size_t size);
int mlockall(int flags);
int munlockall(void);

#ifdef __cplusplus
}
#endif

#endif
