// SPDX-License-Identifier: Apache-2.0
// Reporting pages in use that are filled with zeros (virtio 1.2, section 5.5.6.7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "balloon/page_run.h"
#include "kernel/base/result.h"

namespace tenon::balloon {

/// Most runs of one call, and most pages of one run.
inline constexpr std::size_t most_reported_runs = 32;
inline constexpr PageIndex most_reported_pages = 512;

/// Reports pages to the device, which drops them; returns when it has used the whole report. For pages that
/// Platform::drop_pages() cannot drop. No code may access them meanwhile; pages in use must be zeros, and
/// may_report_in_use() true. Threads block; with interrupts masked it polls, so runs should be few. Errors:
/// not_supported (no reporting), invalid_argument (too many runs or pages), device_broken, timed_out. After an error
/// the device touches none of the pages.
[[nodiscard]] Result<> tell_device(std::span<const PageRun> runs);
/// The pages of the chunk at `first` (balloon/zero_chunk.h) to which tell_device() itself writes.
[[nodiscard]] std::uint64_t reporting_memory(PageIndex first);

/// The device accepts reports. False until the driver's thread has brought the device up, shortly after boot.
[[nodiscard]] bool may_report();
/// A zero-filled page stays zero-filled when it is reported: PAGE_REPORTING and PAGE_POISON were negotiated, and
/// poison_val is 0.
[[nodiscard]] bool may_report_in_use();

}  // namespace tenon::balloon
