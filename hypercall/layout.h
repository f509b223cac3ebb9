// SPDX-License-Identifier: Apache-2.0
// The layout of a machine's memory, the same on every accelerator.
//
// Guest-physical address P is seen by the guest at virtual address `guest_base + P`, on `kvm` (page tables) as on
// `pv` (mappings of the guest process). An image is linked for that base, so one file serves both.
#pragma once

#include <cstdint>

namespace tenon::abi {

inline constexpr std::uint64_t page_size = 4096;
/// `bytes`, at most 2^64 - page_size, as whole pages.
constexpr std::uint64_t round_up_to_page(std::uint64_t bytes) { return (bytes + page_size - 1) & ~(page_size - 1); }

/// Guest-virtual address of guest-physical address 0.
inline constexpr std::uint64_t guest_base = 1ULL << 40;

/// Physical pages below this address are never mapped: a small integer used as an address traps.
inline constexpr std::uint64_t first_ram_address = page_size;

/// Physical address at which an image's first segment is linked.
inline constexpr std::uint64_t image_base = 2ULL << 20;

/// Device registers are in this range of physical addresses; RAM continues above it.
inline constexpr std::uint64_t hole_begin = 0xC000'0000;
inline constexpr std::uint64_t hole_end = 0x1'0000'0000;

inline constexpr std::uint32_t max_vcpus = 32;
inline constexpr std::uint32_t max_devices = 16;
inline constexpr std::uint32_t max_queues = 8;

/// The I/O zone is the only RAM that hv and the guest share: hv's pages (read-only to the guest on `pv`), then the
/// event page, then a hypercall slot for each vCPU, then rings and buffers as the guest places them. All offsets are in
/// bytes from the start of the zone, which is page-aligned and lies below `hole_begin`.
namespace io_zone {
inline constexpr std::uint64_t start_info = 0 * page_size;
inline constexpr std::uint64_t clock = 1 * page_size;
inline constexpr std::uint64_t devices = 2 * page_size;
/// Only hv writes below this offset.
inline constexpr std::uint64_t read_only_size = 4 * page_size;
inline constexpr std::uint64_t events = read_only_size;
inline constexpr std::uint64_t hypercall_slots = events + page_size;
/// First byte that belongs to the guest's rings and buffers.
inline constexpr std::uint64_t buffers = hypercall_slots + max_vcpus * page_size;
}  // namespace io_zone

}  // namespace tenon::abi
