// SPDX-License-Identifier: Apache-2.0
// Virtio devices that only a definition block describes.
#include "kernel/acpi/virtio_mmio.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

namespace tenon::acpi {

namespace {

using Bytes = std::span<const std::byte>;

constexpr std::string_view hardware_id = "LNRO0005";

std::uint32_t word_at(Bytes bytes, std::size_t offset) {
    std::uint32_t value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

/// The first large resource item (6.4.3) with this tag and size, or nothing.
Bytes find_item(Bytes bytes, std::uint8_t tag, std::uint8_t size) {
    constexpr std::size_t header_size = 3;
    const std::byte header[header_size] = {std::byte{tag}, std::byte{size}, std::byte{0}};
    const auto found = std::ranges::search(bytes, header);
    const auto offset = static_cast<std::size_t>(found.begin() - bytes.begin());
    if (found.empty() || bytes.size() - offset < header_size + size) return {};
    return bytes.subspan(offset + header_size, size);
}

std::optional<VirtioMmioDevice> read_device(Bytes description) {
    constexpr std::uint8_t fixed_memory = 0x86, fixed_memory_size = 9, interrupt = 0x89, one_interrupt_size = 6;
    const Bytes memory = find_item(description, fixed_memory, fixed_memory_size);
    const Bytes line = find_item(description, interrupt, one_interrupt_size);
    if (memory.empty() || line.empty() || line[1] != std::byte{1}) return std::nullopt;
    return VirtioMmioDevice{.address = word_at(memory, 1), .size = word_at(memory, 5), .input = word_at(line, 2)};
}

}  // namespace

std::size_t find_virtio_mmio(Bytes block, std::span<VirtioMmioDevice> devices) {
    constexpr std::size_t longest_description = 256;
    const auto find_next = [&](std::size_t from) {
        const auto found = std::ranges::search(block.subspan(from), std::as_bytes(std::span(hardware_id)));
        return from + static_cast<std::size_t>(found.begin() - block.subspan(from).begin());
    };
    std::size_t count = 0;
    for (std::size_t place = find_next(0); place != block.size() && count != devices.size();) {
        const std::size_t begin = place + hardware_id.size();
        place = find_next(begin);
        const auto device = read_device(block.subspan(begin, std::min(place - begin, longest_description)));
        if (device) devices[count++] = *device;
    }
    return count;
}

}  // namespace tenon::acpi
