// SPDX-License-Identifier: Apache-2.0
// Page records without information, whose memory can be given back.
#pragma once

#include <span>

#include "kernel/mm/buddy.h"

namespace tenon {

/// The memory of the records of pages first to first + count - 1 and their neighbours, as far as these lie inside one
/// large free block: whole pages of it, maybe none. Such records are all zeros, and read as zeros again when the memory
/// was dropped. The caller holds the zone's lock until then.
[[nodiscard]] std::span<std::byte> idle_records(const BuddyAllocator& pages, PageIndex first, PageIndex count);

}  // namespace tenon
