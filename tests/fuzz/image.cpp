// SPDX-License-Identifier: Apache-2.0
// Fuzzes hv's readers of images: headers, notes, and the symbol table.
#include "hv/image/image.h"

#include <cstddef>
#include <cstdint>
#include <span>

#include "hv/image/symbols.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto file = std::as_bytes(std::span(data, size));
    const auto layout = hv::parse_image(file, "fuzz", hv::supported_features);
    if (layout) {
        // An accepted image is safe to map.
        for (const hv::ImageSegment& segment : layout->segments) {
            if (segment.file_offset > size || segment.file_size > size - segment.file_offset) __builtin_trap();
            if (segment.writable && segment.executable) __builtin_trap();
        }
        (void)hv::find_symbol(file, layout->note.pv_entry);
    }
    (void)hv::find_symbol(file, tenon::abi::guest_base + tenon::abi::image_base);
    return 0;
}
