// SPDX-License-Identifier: Apache-2.0
// Memory for disk transfers without a copy.
#ifndef TENON_DISK_H
#define TENON_DISK_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Memory that disks read and write themselves: pread() and pwrite() of /dev/vda copy nothing to or from it. Transfers
/// of other memory are copied through such memory. `size` bytes, aligned to 4096, or null. There is little of it: a
/// sixteenth of the machine's memory, 2 MiB at least and 16 MiB at most, for all devices together.
void* tenon_disk_buffer(size_t size);
/// Null is ignored.
void tenon_disk_buffer_free(void* buffer);

#ifdef __cplusplus
}
#endif

#endif
