// SPDX-License-Identifier: Apache-2.0
// A guest's RAM on `kvm`: private anonymous memory of hv, with the image mapped privately over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hv/core/error.h"
#include "hv/guest/memory_layout.h"
#include "hv/image/image.h"

namespace hv::kvm {

/// What of a guest's RAM other machines may have too.
struct RamSharing {
    bool mergeable = false;  ///< KSM may merge its pages
    bool own = false;        ///< populated, and the image is copied into it instead of mapped
};

/// One mapping, from guest-physical 0 to the end of the memory; the hole between the ranges is never touched. Nothing
/// of it is resident before the guest uses it, and the image's read-only segments are the page cache's own pages.
class GuestRam {
public:
    /// Errors: no_memory, host_lacks (no KSM).
    static Result<GuestRam> create(const MemoryLayout& layout, const Image& image, const RamSharing& sharing = {});
    GuestRam(GuestRam&& other) noexcept;
    GuestRam& operator=(GuestRam&&) = delete;
    ~GuestRam();

    /// Where a guest-physical range is in hv; it lies inside of a range of the layout.
    [[nodiscard]] std::span<std::byte> at(const tenon::abi::MemoryRange& range) const {
        return {memory_ + range.base, range.size};
    }

    /// Gives a range of plain RAM, not of the image, back to the host: it reads as zeros, by vCPUs too.
    void discard(const tenon::abi::MemoryRange& range) const;

private:
    GuestRam(std::byte* memory, std::size_t size) : memory_(memory), size_(size) {}
    Result<> map_segment(const Image& image, const ImageSegment& segment);
    Result<> copy_segment(const Image& image, const ImageSegment& segment);
    Result<> apply(const MemoryLayout& layout, const RamSharing& sharing);

    std::byte* memory_;
    std::size_t size_;
};

}  // namespace hv::kvm
