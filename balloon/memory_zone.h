// SPDX-License-Identifier: Apache-2.0
// The zone whose pages the balloon gives away, and dropping the host's memory behind them.
#pragma once

#include "balloon/block_batch.h"
#include "kernel/mm/host_pages.h"
#include "kernel/mm/zone.h"
#include "kernel/trap/spin_lock.h"

namespace tenon::balloon {

/// A page's number in the zone is its frame number: page 0 is guest-physical address 0.
using LockedZone = Locked<Zone>;

/// Drops the host's memory behind these pages, where the guest can do that. False: the device must do it. Sets
/// `zero_after` to false if the pages may not read as zeros afterwards.
inline bool drop_run(std::byte* base, PageIndex first, PageIndex count, bool& zero_after) {
    std::byte* address = base + std::size_t{first} * page_size;
    const std::size_t size = std::size_t{count} * page_size;
    const bool dropped = drop_pages(address, size);
    if (!dropped || file_backed(address, size)) zero_after = false;
    return dropped;
}

}  // namespace tenon::balloon
