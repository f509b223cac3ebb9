// SPDX-License-Identifier: Apache-2.0
// Memory for disk transfers without a copy, and counters of disks.
#ifndef TENON_DISK_H
#define TENON_DISK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Memory that disks read and write themselves: pread() and pwrite() of /dev/vda copy nothing to or from it. Transfers
/// of other memory are copied through such memory. `size` bytes, aligned to 4096, or null. There is little of it: a
/// sixteenth of the machine's memory, 2 MiB at least and 16 MiB at most, for all devices together.
void* tenon_disk_buffer(size_t size);
/// Null is ignored.
void tenon_disk_buffer_free(void* buffer);

/// Since boot. Thread-safe; fields are read one by one. Times are sums over requests, from their start in the driver to
/// the device's interrupt. Of a partition only requests and bytes are counted; a disk counts its partitions' too.
struct tenon_disk_statistics {
    uint64_t reads, writes, flushes, errors;
    uint64_t read_bytes, written_bytes;
    uint64_t read_ns, write_ns, flush_ns;
    uint64_t notifications;  ///< doorbells
    uint64_t interrupts;
    uint64_t discards, discarded_bytes;
    uint64_t zeroes, zeroed_bytes;  ///< ranges that the device itself made zero
    uint64_t discard_ns;            ///< of both
};

/// Of the disk or partition `name` ("vda", "vda1"); -1 if there is none, otherwise 0.
int tenon_get_disk_statistics(const char* name, struct tenon_disk_statistics* statistics);

#ifdef __cplusplus
}
#endif

#endif
