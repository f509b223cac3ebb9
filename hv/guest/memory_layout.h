// SPDX-License-Identifier: Apache-2.0
// The memory layout of a Tenon guest, the same on every accelerator.
#pragma once

#include <cstdint>
#include <span>

#include "hv/core/error.h"
#include "hv/core/guest_pages.h"
#include "hv/image/image.h"
#include "hypercall/start_info.h"

namespace hv {

/// Guest-physical. The I/O zone is the end of the first range.
struct MemoryLayout {
    tenon::abi::MemoryRange ranges[2];
    std::uint32_t range_count;
    tenon::abi::MemoryRange io_zone;

    [[nodiscard]] std::span<const tenon::abi::MemoryRange> ram() const { return std::span(ranges).first(range_count); }
    [[nodiscard]] std::uint64_t end() const { return ranges[range_count - 1].base + ranges[range_count - 1].size; }
};

/// The RAM that a guest may give back: all except the I/O zone and the image, whose dropped pages would show the file's
/// bytes again, not zeros.
[[nodiscard]] GuestPages pages_of(const MemoryLayout& layout, const ImageLayout& image,
                                  GuestPages::Discard discard = nullptr);

/// The address space between guest_base and the stub of `pv` holds no more RAM.
inline constexpr std::uint64_t maximum_memory = 1008ULL << 30;

/// RAM of `memory_bytes` around the hole. `io_zone_size` is rounded up to pages; 0 = the default, a sixteenth of the
/// memory, at least 2 MiB and at most 16. Errors: no_memory (the image does not fit, or it is more than a machine can
/// have).
Result<MemoryLayout> plan_memory(std::uint64_t memory_bytes, const Image& image, std::uint64_t io_zone_size = 0);
Result<MemoryLayout> plan_memory(std::uint64_t memory_bytes, const ImageLayout& image, const std::string& image_name,
                                 std::uint64_t io_zone_size = 0);

}  // namespace hv
