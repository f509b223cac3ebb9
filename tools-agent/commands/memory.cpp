// SPDX-License-Identifier: Apache-2.0
// Commands about memory.
#include <algorithm>

#include "tools-agent/commands/all.h"

namespace tenon::tools {

namespace {
/// As on Linux for x86-64.
constexpr std::uint64_t block_size = 128ULL << 20;
}  // namespace

/// Blocks that contain RAM. None can be taken offline: the balloon changes memory, not blocks.
Reply get_memory_blocks(Context& context, const Json&) {
    Json list = Json::array();
    std::uint64_t next = 0;
    for (const MemoryRange& range : context.guest.ram()) {
        if (range.size == 0) continue;
        const std::uint64_t last = (range.base + range.size - 1) / block_size;
        for (std::uint64_t block = std::max(next, range.base / block_size); block <= last; ++block)
            list.push_back({{"phys-index", block}, {"online", true}, {"can-offline", false}});
        next = last + 1;
    }
    return list;
}

Reply get_memory_block_size(Context&, const Json&) { return Json{{"size", block_size}}; }

Reply get_memory(Context& context, const Json&) {
    const MemoryInformation memory = context.guest.memory();
    return Json{{"total-bytes", memory.total}, {"free-bytes", memory.free},         {"released-bytes", memory.released},
                {"heap-bytes", memory.heap},   {"io-total-bytes", memory.io_total}, {"io-free-bytes", memory.io_free}};
}

}  // namespace tenon::tools
