// SPDX-License-Identifier: Apache-2.0
// One read or write of any size, from a thread that waits.
#pragma once

#include "kernel/device/block_device.h"

namespace tenon {

/// Reads into, or writes from, `memory`, whose parts can be anywhere and have any size; together they are whole blocks.
/// The transfer has up to 16 requests of up to 1 MiB under way, started with one doorbell for each batch. Parts in the
/// DMA zone that are whole blocks are not copied. Errors: as read_blocks().
[[nodiscard]] Result<> transfer_blocks(BlockDevice& device, BlockOperation operation, std::uint64_t offset,
                                       std::span<const BlockPart> memory);

}  // namespace tenon
