// SPDX-License-Identifier: Apache-2.0
// The device page of the hypercall transport: the contents of virtio-mmio's registers, in memory.
//
// A driver reads identity, features and configuration from its record, and accepts with one device_setup call.
// A doorbell is a write of 8 bytes to the queue's file descriptor (pv).
#pragma once

#include <atomic>
#include <cstdint>

#include "hypercall/layout.h"

namespace tenon::abi {

/// Read-only to the guest. Multi-byte values are little-endian.
struct DeviceRecord {
    std::uint32_t device_id;  ///< virtio device type (virtio 1.2, section 5); 0 = no device
    std::uint32_t queue_count;
    std::uint64_t features;
    std::atomic<std::uint32_t> status;             ///< DEVICE_NEEDS_RESET (0x40) if the device cannot continue
    std::atomic<std::uint32_t> config_generation;  ///< odd while `config` changes; incremented by each change
    std::uint32_t queue_size[max_queues];          ///< largest size
    std::uint32_t doorbell[max_queues];            ///< pv: file descriptor
    std::uint32_t config_size;
    std::uint32_t reserved;
    std::uint8_t config[128];
};
static_assert(sizeof(DeviceRecord) <= 256);

struct alignas(page_size) DevicePage {
    DeviceRecord devices[max_devices];
};
static_assert(sizeof(DevicePage) == page_size);

}  // namespace tenon::abi
