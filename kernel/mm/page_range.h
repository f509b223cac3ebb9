// SPDX-License-Identifier: Apache-2.0
// Ranges of pages that can be freed and protected in part: what mmap() gives.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon::page_range {

/// `count` pages of zeros. Memory that was never touched is not touched. Null: no memory, also after reclaiming.
[[nodiscard]] void* allocate(std::uint64_t count);

/// All of these pages came from allocate(), and have not been freed.
[[nodiscard]] bool is_mapped(const void* pages, std::uint64_t count);
/// At least one of them did.
[[nodiscard]] bool is_any_mapped(const void* pages, std::uint64_t count);

/// Frees those of the pages that came from allocate(); others are left alone. Accessible or not.
void free(void* pages, std::uint64_t count);

/// Makes mapped pages inaccessible, or accessible again. On a hardware-assisted machine the other vCPUs may reach a
/// page that they have used before for some time.
void protect(void* pages, std::uint64_t count, bool accessible);

/// Fills mapped pages with zeros, and gives the host's memory behind them back where that is possible.
void clear(void* pages, std::uint64_t count);

}  // namespace tenon::page_range
