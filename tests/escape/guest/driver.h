// SPDX-License-Identifier: Apache-2.0
// A driver of virtio devices that need not keep to any rule.
#pragma once

#include "tests/escape/guest/guest.h"

namespace escape {

// Descriptor flags: virtio 1.2, section 2.7.5.
inline constexpr std::uint16_t next_flag = 1, write_flag = 2;
inline constexpr std::uint32_t ring_size = 64;

struct Descriptor {
    std::uint64_t address;
    std::uint32_t length;
    std::uint16_t flags, next;
};
struct UsedElement {
    std::uint32_t head, length;
};
/// A queue's rings in 4 KiB of the I/O zone.
struct Rings {
    Descriptor descriptors[ring_size];
    volatile std::uint16_t available_flags, available_index, available[ring_size];
    alignas(2048) volatile std::uint16_t used_flags;
    volatile std::uint16_t used_index;
    volatile UsedElement used[ring_size];
};
static_assert(sizeof(Rings) == 4096);

/// The rings of one device at a time; buffers may be anywhere from `free_offset` on.
inline constexpr std::uint64_t rings_offset = tenon::abi::io_zone::buffers;
inline constexpr std::uint64_t free_offset = rings_offset + tenon::abi::max_queues * sizeof(Rings);

Rings& rings(std::uint32_t queue);
/// Guest-physical address of an offset in the I/O zone.
std::uint64_t zone_address(std::uint64_t offset);
const tenon::abi::DeviceRecord& record(std::uint32_t device);

/// Entries of the rings that set_up() gives to a queue.
std::uint32_t size_of_queue(std::uint32_t device, std::uint32_t queue);
/// Gives the device empty rings and accepts `features`. False: hv refuses that.
bool set_up(std::uint32_t device, std::uint64_t features);
/// Calls escaped() if hv refuses it.
void reset(std::uint32_t device);

}  // namespace escape
