// SPDX-License-Identifier: Apache-2.0
// Reading and writing disks from a thread that waits; and holding all of them still for a backup.
#pragma once

#include "kernel/device/block_device.h"

namespace tenon {

/// Reads into, or writes from, memory anywhere; in the DMA zone it is not copied. Offset and size in bytes, whole
/// blocks. Errors: those of BlockDevice::submit; no_memory (for a copy in the DMA zone); io. After an error some blocks
/// may have been transferred.
[[nodiscard]] Result<> read_blocks(BlockDevice& device, std::uint64_t offset, std::span<std::byte> buffer);
[[nodiscard]] Result<> write_blocks(BlockDevice& device, std::uint64_t offset, std::span<const std::byte> data);
/// What was written before is safe when it returns.
[[nodiscard]] Result<> flush_blocks(BlockDevice& device);

/// Lets no new write reach any disk, waits for those under way, and flushes: what the disks hold then stays as it is
/// until thaw_disks(). Who writes meanwhile waits. Errors: timed_out, io, device_broken: then the disks are not frozen.
[[nodiscard]] Result<> freeze_disks(Nanoseconds deadline);
void thaw_disks();
[[nodiscard]] bool disks_are_frozen();

}  // namespace tenon
