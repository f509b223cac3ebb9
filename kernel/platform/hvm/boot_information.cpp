// SPDX-License-Identifier: Apache-2.0
// Reading the memory map and the command line that a hypervisor passed.
#include "kernel/platform/hvm/boot_information.h"

#include <algorithm>

#include "kernel/base/address.h"

namespace tenon::hvm {

namespace {

constexpr std::string_view device_option = "virtio_mmio.device=";

void append(BootInformation& information, std::string_view word) {
    const std::size_t separator = information.command_line_size == 0 ? 0 : 1;
    if (information.command_line_size + separator + word.size() > BootInformation::max_command_line) return;
    if (separator != 0) information.command_line[information.command_line_size++] = ' ';
    std::copy(word.begin(), word.end(), information.command_line + information.command_line_size);
    information.command_line_size += word.size();
}

/// Calls visit(word) for each word; blanks inside double quotes do not separate.
template <typename Visit>
void for_each_word(std::string_view text, Visit&& visit) {
    std::size_t begin = 0;
    bool quoted = false;
    for (std::size_t i = 0; i <= text.size(); i++) {
        if (i < text.size() && text[i] == '"') quoted = !quoted;
        if (i < text.size() && (quoted || text[i] != ' ')) continue;
        if (i > begin) visit(std::string_view(text.data() + begin, i - begin));
        begin = i + 1;
    }
}

}  // namespace

void take_memory_map(BootInformation& information, std::span<const abi::pvh::MemoryMapEntry> map, std::uint64_t limit) {
    auto* ranges = information.ranges;
    std::size_t count = 0;
    for (const abi::pvh::MemoryMapEntry& entry : map) {
        if (entry.type != abi::pvh::MemoryType::ram || entry.base >= limit) continue;
        const std::uint64_t end = align_down(entry.base + std::min(entry.size, limit - entry.base), page_size);
        const std::uint64_t begin = std::max(align_up(entry.base, page_size), abi::first_ram_address);
        if (begin >= end || count == BootInformation::max_ranges) continue;
        ranges[count++] = {begin, end - begin};
    }
    std::sort(ranges, ranges + count, [](const auto& a, const auto& b) { return a.base < b.base; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; i++) {
        if (kept != 0 && ranges[i].base <= ranges[kept - 1].base + ranges[kept - 1].size) {
            const std::uint64_t end =
                std::max(ranges[kept - 1].base + ranges[kept - 1].size, ranges[i].base + ranges[i].size);
            ranges[kept - 1].size = end - ranges[kept - 1].base;
        } else {
            ranges[kept++] = ranges[i];
        }
    }
    information.range_count = kept;
}

void take_command_line(BootInformation& information, std::string_view text) {
    bool arguments = false;
    for_each_word(text, [&](std::string_view word) {
        arguments = arguments || word == "--";
        if (arguments && word.starts_with(device_option)) append(information, word);
    });
    arguments = false;
    for_each_word(text, [&](std::string_view word) {
        arguments = arguments || word == "--";
        if (!arguments || !word.starts_with(device_option)) append(information, word);
    });
}

}  // namespace tenon::hvm
