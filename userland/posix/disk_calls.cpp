// SPDX-License-Identifier: Apache-2.0
// Memory that disks read and write themselves (userland/include/tenon/disk.h).
#include <tenon/disk.h>

#include "kernel/base/address.h"
#include "kernel/mm/heap.h"

extern "C" {

void* tenon_disk_buffer(size_t size) { return tenon::dma_allocate(size, tenon::page_size); }
void tenon_disk_buffer_free(void* buffer) { tenon::dma_free(buffer); }

}  // extern "C"
