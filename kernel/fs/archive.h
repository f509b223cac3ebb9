// SPDX-License-Identifier: Apache-2.0
// The read-only files inside an image: a cpio archive ("newc" format) that the image builder linked in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tenon {

struct ArchiveEntry {
    std::string_view name;  ///< without a leading slash
    std::span<const std::byte> data;
    std::uint32_t mode;      ///< as in struct stat
    std::uint32_t modified;  ///< seconds since 1970
};

/// How many entries have names that sort before `path` ("/a/b" and "a/b" are the same): the number that the entry has,
/// or would have. In O(log n).
[[nodiscard]] std::size_t archive_position(std::string_view path);
/// Entry number `index` in name order, or nothing: for directory listings.
[[nodiscard]] std::optional<ArchiveEntry> archive_at(std::size_t index);

}  // namespace tenon
