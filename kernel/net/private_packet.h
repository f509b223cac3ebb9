// SPDX-License-Identifier: Apache-2.0
// Packets in the kernel's heap, which devices cannot access, and moving there what the program does not read.
#pragma once

#include <cstddef>

#include "lwip/pbuf.h"

namespace tenon::net {

/// A packet of `size` bytes (64 KiB at most) with undefined contents. Null: no memory.
[[nodiscard]] pbuf* make_private_packet(std::size_t size);

/// A copy of one buffer that lies in the DMA zone; the buffer itself is released. Its place in a chain is the caller's
/// to keep. Returns the buffer as it is if it lies elsewhere, has other holders, or there is no memory.
[[nodiscard]] pbuf* make_private(pbuf* buffer);

/// `listener()` moves what sockets hold in the DMA zone to private memory. One listener, called with the core lock
/// held.
void set_scarcity_listener(void (*listener)());

/// A device is short of receive buffers, because sockets hold them unread: calls the listener, but not again within a
/// short time. With the core lock held.
void note_scarcity();

}  // namespace tenon::net
