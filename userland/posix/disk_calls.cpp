// SPDX-License-Identifier: Apache-2.0
// Memory that disks read and write themselves, and disks' counters (userland/include/tenon/disk.h).
#include <tenon/disk.h>

#include <cstring>

#include "kernel/base/address.h"
#include "kernel/device/block_device.h"
#include "kernel/mm/heap.h"

extern "C" {

void* tenon_disk_buffer(size_t size) { return tenon::dma_allocate(size, tenon::page_size); }
void tenon_disk_buffer_free(void* buffer) { tenon::dma_free(buffer); }

int tenon_get_disk_statistics(const char* name, tenon_disk_statistics* statistics) {
    const tenon::BlockDevice* device = tenon::find_block_device(name, std::strlen(name));
    if (device == nullptr) return -1;
    const tenon::BlockStatistics counted = device->statistics();
    *statistics = {.reads = counted.reads,
                   .writes = counted.writes,
                   .flushes = counted.flushes,
                   .errors = counted.errors,
                   .read_bytes = counted.read_bytes,
                   .written_bytes = counted.written_bytes,
                   .read_ns = counted.read_ns,
                   .write_ns = counted.write_ns,
                   .flush_ns = counted.flush_ns,
                   .notifications = counted.notifications,
                   .interrupts = counted.interrupts,
                   .discards = counted.discards,
                   .discarded_bytes = counted.discarded_bytes,
                   .zeroes = counted.zeroes,
                   .zeroed_bytes = counted.zeroed_bytes,
                   .discard_ns = counted.discard_ns};
    return 0;
}

}  // extern "C"
