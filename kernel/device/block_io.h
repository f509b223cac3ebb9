// SPDX-License-Identifier: Apache-2.0
// Reading and writing disks from threads that wait, and freezing all disks for a backup.
#pragma once

#include "kernel/device/block_device.h"

namespace tenon {

/// Reads into, or writes from, memory anywhere; in the DMA zone it is not copied. Offset and size in bytes, whole
/// blocks. Large transfers have many requests under way. Errors: those of BlockDevice::submit; no_memory (for a copy in
/// the DMA zone); io. After an error some blocks may have been transferred.
[[nodiscard]] Result<> read_blocks(BlockDevice& device, std::uint64_t offset, std::span<std::byte> buffer);
[[nodiscard]] Result<> write_blocks(BlockDevice& device, std::uint64_t offset, std::span<const std::byte> data);
/// When it returns, all earlier writes are durable.
[[nodiscard]] Result<> flush_blocks(BlockDevice& device);
/// The same for all disks, one after the other. What went wrong is not told, as by sync().
void flush_disks();
/// The contents of the range no longer matter: the host may give up the storage below it. Bytes, whole blocks. Errors:
/// not_supported (the disk has no discards), invalid_argument, io, device_broken.
[[nodiscard]] Result<> discard_blocks(BlockDevice& device, std::uint64_t offset, std::uint64_t size);
/// Makes the range read as zeros: by the disk's own operation, or by writing zeros where it has none. `may_discard`:
/// the storage below may be given up; otherwise it stays allocated, as far as the disk knows. Errors: as
/// write_blocks().
[[nodiscard]] Result<> write_zeroes(BlockDevice& device, std::uint64_t offset, std::uint64_t size, bool may_discard);

/// Holds new writes back, waits for those under way, and flushes: the disks' contents then stay as they are until
/// thaw_disks(). Writers wait meanwhile. Errors: timed_out, io, device_broken: then the disks are not frozen.
[[nodiscard]] Result<> freeze_disks(Nanoseconds deadline);
void thaw_disks();
[[nodiscard]] bool disks_are_frozen();

}  // namespace tenon
