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

/// How a guest's RAM may be shared with other machines.
struct RamSharing {
    bool mergeable = false;  ///< KSM may merge its pages
    bool own = false;        ///< all pages are private from the start, the image copied instead of mapped
};

/// One mapping, from guest-physical 0 to the end of the memory, including the hole, which is never accessed. Pages
/// become resident when the guest first uses them; read-only segments of the image share the host's page cache.
class GuestRam {
public:
    /// Errors: no_memory, host_lacks (no KSM).
    static Result<GuestRam> create(const MemoryLayout& layout, const Image& image, const RamSharing& sharing = {});
    GuestRam(GuestRam&& other) noexcept;
    GuestRam& operator=(GuestRam&&) = delete;
    ~GuestRam();

    /// The memory of a guest-physical range, which lies inside one range of the layout.
    [[nodiscard]] std::span<std::byte> at(const tenon::abi::MemoryRange& range) const {
        return {memory_ + range.base, range.size};
    }

    /// Gives a range of RAM, outside of the image, back to the host. It then reads as zeros, for vCPUs too.
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
