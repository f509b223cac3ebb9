// SPDX-License-Identifier: Apache-2.0
// Where a Tenon guest's memory lies.
#include "hv/guest/memory_layout.h"

#include <algorithm>
#include <utility>

namespace hv {

namespace {

using tenon::abi::MemoryRange;
using tenon::abi::page_size;
using tenon::abi::round_up_to_page;

/// Rings and a few buffers for each device.
constexpr std::uint64_t smallest_io_zone = tenon::abi::io_zone::buffers + 64 * page_size;

/// The least holds a network's rings and buffers besides a disk's; a network in full use has no need of more than the
/// most.
constexpr std::uint64_t least_default = 2ULL << 20, most_default = 16ULL << 20;
constexpr std::uint64_t default_share = 16;

std::uint64_t default_io_zone(std::uint64_t memory) {
    return std::clamp(round_up_to_page(memory / default_share), least_default, most_default);
}

std::uint64_t mebibytes(std::uint64_t bytes) { return (bytes + (1 << 20) - 1) >> 20; }

}  // namespace

Result<MemoryLayout> plan_memory(std::uint64_t memory_bytes, const ImageLayout& image, const std::string& image_name,
                                 std::uint64_t io_zone_size) {
    if (memory_bytes > maximum_memory)
        return fail(ErrorKind::no_memory,
                    "a machine has at most " + std::to_string(mebibytes(maximum_memory)) + " MiB of memory");
    const std::uint64_t memory = memory_bytes & ~(page_size - 1);
    const std::uint64_t low_end = std::min(memory, tenon::abi::hole_begin);

    const std::uint64_t zone =
        io_zone_size != 0 ? std::max(round_up_to_page(io_zone_size), smallest_io_zone) : default_io_zone(memory);

    const auto end_of = [](const MemoryRange& range) { return range.base + range.size; };
    const std::uint64_t needed =
        std::max(end_of(image.extent), end_of({image.note.stack_arena, image.note.stack_arena_size}));
    if (zone > low_end || needed > low_end - zone)
        return fail(ErrorKind::no_memory, "image '" + image_name + "' needs at least " +
                                              std::to_string(mebibytes(needed + zone)) +
                                              " MiB of memory, this machine has " + std::to_string(memory >> 20));

    MemoryLayout layout{};
    layout.ranges[layout.range_count++] = {tenon::abi::first_ram_address, low_end - tenon::abi::first_ram_address};
    if (memory > low_end) layout.ranges[layout.range_count++] = {tenon::abi::hole_end, memory - low_end};
    layout.io_zone = {low_end - zone, zone};
    return layout;
}

GuestPages pages_of(const MemoryLayout& layout, const ImageLayout& image, GuestPages::Discard discard) {
    const MemoryRange kept[] = {layout.io_zone, {image.extent.base, round_up_to_page(image.extent.size)}};
    return {layout.ram(), kept, std::move(discard)};
}

Result<MemoryLayout> plan_memory(std::uint64_t memory_bytes, const Image& image, std::uint64_t io_zone_size) {
    return plan_memory(memory_bytes, image.layout(), image.path(), io_zone_size);
}

}  // namespace hv
