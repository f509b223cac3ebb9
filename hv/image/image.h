// SPDX-License-Identifier: Apache-2.0
// An image: a static ELF file whose notes say how hv starts it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hypercall/note.h"
#include "hypercall/start_info.h"

namespace hv {

/// A loaded part of the image, page-aligned in the file and in memory. Sizes are in bytes.
struct ImageSegment {
    std::uint64_t physical;  ///< guest-physical
    std::uint64_t file_offset;
    std::uint64_t file_size;
    std::uint64_t memory_size;  ///< bytes beyond file_size are zero (writable segments only)
    bool writable;
    bool executable;  ///< never together with `writable`
};

/// The checked content of an image's headers: users need no checks of their own.
struct ImageLayout {
    std::vector<ImageSegment> segments;  ///< ascending, disjoint even when rounded to pages
    tenon::abi::MemoryRange extent;      ///< guest-physical, from the first to the last segment, page-aligned
    tenon::abi::ImageNote note;          ///< the Tenon note
    /// Bit N: it has a driver for virtio devices of ID N, N < 64. Nothing: it does not say.
    std::optional<std::uint64_t> drivers;
    std::vector<std::string>
        ports;  ///< names of console ports that it opens; an image without `drivers` may have others
    std::optional<std::uint32_t> pvh_entry;  ///< 32-bit physical entry (XEN_ELFNOTE_PHYS32_ENTRY)
};

/// Parses untrusted bytes; `name` is for messages. `supported` are the ABI features that this hv offers
/// (bits of abi::Feature); an image that requires another one is refused by its name.
Result<ImageLayout> parse_image(std::span<const std::byte> file, const std::string& name, std::uint64_t supported);
/// Does the same for an open file of `size` bytes, of which it reads only headers and notes if the file is large.
Result<ImageLayout> parse_image_file(int file, std::uint64_t size, const std::string& name, std::uint64_t supported);

/// ABI features that this hv offers to images.
inline constexpr std::uint64_t supported_features = static_cast<std::uint64_t>(tenon::abi::Feature::network);

/// An image that is ready to be mapped, from a sealed copy of the user's file.
class Image {
public:
    /// Parses the file at `path`, copies it into the store in `store_directory` (created if missing), and parses the
    /// copy.
    static Result<Image> open(const std::string& path, const std::string& store_directory);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] const ImageLayout& layout() const { return layout_; }
    /// The sealed copy, open read-only, for mapping segments and reading symbols.
    [[nodiscard]] int file() const { return file_.get(); }
    [[nodiscard]] std::uint64_t file_size() const { return file_size_; }

private:
    Image(std::string path, ImageLayout layout, FileDescriptor file, std::uint64_t file_size)
        : path_(std::move(path)), layout_(std::move(layout)), file_(std::move(file)), file_size_(file_size) {}

    std::string path_;
    ImageLayout layout_;
    FileDescriptor file_;
    std::uint64_t file_size_;
};

}  // namespace hv
