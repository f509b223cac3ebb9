// SPDX-License-Identifier: Apache-2.0
// The guest memory that devices may touch, by guest-physical address.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hv {

/// A guest-physical address. Not a host pointer, not a guest-virtual address.
enum class GuestAddress : std::uint64_t {};

/// Regions of guest memory that are mapped into hv. For a Tenon guest that is the I/O zone and nothing else: a
/// descriptor that points elsewhere is refused here. For a foreign guest on `kvm` it is all of its RAM.
/// The guest may change every byte at any time: copy once, then check the copy.
class GuestMemory {
public:
    struct Region {
        std::uint64_t base;  ///< guest-physical
        std::span<std::byte> bytes;
    };

    /// At most four regions; disjoint; not owned.
    explicit GuestMemory(std::span<const Region> regions) {
        for (const Region& region : regions.first(regions.size() < regions_.size() ? regions.size() : regions_.size()))
            regions_[count_++] = region;
    }

    /// The `size` bytes at `address`, if they lie in one region. The computation never wraps.
    [[nodiscard]] std::optional<std::span<std::byte>> slice(GuestAddress address, std::uint64_t size) const {
        const auto start = static_cast<std::uint64_t>(address);
        for (const Region& region : std::span(regions_).first(count_)) {
            if (start < region.base) continue;
            const std::uint64_t offset = start - region.base;
            if (offset <= region.bytes.size() && size <= region.bytes.size() - offset)
                return region.bytes.subspan(offset, size);
        }
        return std::nullopt;
    }

private:
    std::array<Region, 4> regions_{};
    std::size_t count_ = 0;
};

}  // namespace hv
