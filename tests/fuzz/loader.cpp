// SPDX-License-Identifier: Apache-2.0
// Fuzzes what the UEFI loader reads: its own file, the image that it carries, the command line's file.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "images/loader/carried.h"
#include "images/loader/command_line.h"
#include "images/loader/image.h"

namespace {

void expand(std::span<const std::byte> file) {
    const auto layout = tenon::loader::read_image(file);
    if (!layout) return;
    for (const tenon::loader::Segment& segment : layout->used())
        if (segment.physical < layout->extent.begin || segment.memory_size > layout->extent.end - segment.physical)
            __builtin_trap();
    if (layout->extent.size() > 1 << 20) return;
    std::vector<std::byte> memory(layout->extent.size());
    tenon::loader::expand_image(file, *layout, memory);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    expand(bytes);
    if (const auto image = tenon::loader::carried_image(bytes)) expand(*image);
    std::array<char, 64> command_line{};
    const auto length = tenon::loader::read_command_line({reinterpret_cast<const char*>(data), size}, command_line);
    if (length) (void)tenon::loader::has_option({command_line.data(), *length}, "verbose");
    return 0;
}
