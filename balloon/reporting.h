// SPDX-License-Identifier: Apache-2.0
// Free page reporting: tells the host which pages hold nothing that is needed (virtio 1.2, section 5.5.6.7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "balloon/page_run.h"
#include "kernel/base/result.h"

namespace tenon::balloon {

/// Most runs of one call to report(), and most pages of one run.
inline constexpr std::size_t most_reported_runs = 32;
inline constexpr PageIndex most_reported_pages = 512;

/// Gives the host's memory behind the runs back, and returns when the device has used them all: until then nobody
/// accesses them. Callable from threads, which block, and with interrupts masked: then it polls, so runs should be
/// few. Where the guest drops pages itself (pv) that has been done before the device hears of them.
/// `in_use`: the pages hold zeros that are needed, and nobody writes to them meanwhile; only if may_report_in_use().
/// Errors: not_supported (no reporting, or not for pages in use), invalid_argument (too many runs or pages), busy (the
/// queue is full), device_broken, timed_out. After an error in-use pages still read as zeros, and the device touches
/// none of them any more.
[[nodiscard]] Result<> report(std::span<const PageRun> runs, bool in_use);

/// The device takes reports. False until the driver's thread has brought the device up, shortly after boot.
[[nodiscard]] bool may_report();
/// A page in use that is filled with zeros keeps its contents when it is reported: PAGE_REPORTING and PAGE_POISON were
/// negotiated, and poison_val is 0.
[[nodiscard]] bool may_report_in_use();

}  // namespace tenon::balloon
