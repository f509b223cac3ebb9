// SPDX-License-Identifier: Apache-2.0
// The image that the loader boots: an ELF file, checked as hv checks it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "images/loader/result.h"

namespace tenon::loader {

/// A part of the image, page-aligned in the file and in memory. Sizes are in bytes.
struct Segment {
    std::uint64_t physical;
    std::uint64_t file_offset;
    std::uint64_t file_size;
    std::uint64_t memory_size;  ///< bytes beyond file_size are zero
    bool executable;
};

/// Physical addresses from `begin` to below `end`, whole pages.
struct Extent {
    std::uint64_t begin, end;
    [[nodiscard]] std::uint64_t size() const { return end - begin; }
};

/// The checked content of an image's headers: users need no checks of their own.
struct ImageLayout {
    std::array<Segment, 32> segments{};  ///< ascending, disjoint even when rounded to pages
    std::size_t segment_count = 0;
    Extent extent{};          ///< from the first to the last segment, below 4 GiB
    std::uint32_t entry = 0;  ///< PVH's physical entry (XEN_ELFNOTE_PHYS32_ENTRY), in an executable segment

    [[nodiscard]] std::span<const Segment> used() const { return std::span(segments).first(segment_count); }
};

/// Checks an untrusted file: every offset, size and address in it before its use.
[[nodiscard]] Result<ImageLayout> read_image(std::span<const std::byte> file);

/// Writes the image's memory, extent.size() bytes, to `target`. `layout` is of the same file.
void expand_image(std::span<const std::byte> file, const ImageLayout& layout, std::span<std::byte> target);

}  // namespace tenon::loader
