// SPDX-License-Identifier: Apache-2.0
// Page records that hold nothing.
#pragma once

#include <span>

#include "kernel/mm/buddy.h"

namespace tenon {

/// The memory of the records around pages first .. first + count - 1 that may be lost, as these pages lie inside one
/// large free block: whole pages of it, maybe none. Read as zeros, such records say what they say now. The caller holds
/// the zone's lock until the memory is gone.
[[nodiscard]] std::span<std::byte> idle_records(const BuddyAllocator& pages, PageIndex first, PageIndex count);

}  // namespace tenon
