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

/// Tells the device of pages, and returns when it has used them all. Where Platform::drop_pages() does nothing, that is
/// when it drops them: nobody accesses them meanwhile, and if they are in use they hold zeros and may_report_in_use().
/// Elsewhere they have been dropped before. Callable from threads, which block, and with interrupts masked: then it
/// polls, so runs should be few. Errors: not_supported (no reporting), invalid_argument (too many runs or pages),
/// device_broken, timed_out. After an error the device touches none of the pages any more.
[[nodiscard]] Result<> tell_device(std::span<const PageRun> runs);
/// The pages among those of the chunk at `first` (balloon/zero_chunk.h) to which tell_device() writes itself.
[[nodiscard]] std::uint64_t reporting_memory(PageIndex first);

/// The device takes reports. False until the driver's thread has brought the device up, shortly after boot.
[[nodiscard]] bool may_report();
/// A page in use that is filled with zeros keeps its contents when it is reported: PAGE_REPORTING and PAGE_POISON were
/// negotiated, and poison_val is 0.
[[nodiscard]] bool may_report_in_use();

}  // namespace tenon::balloon
