// SPDX-License-Identifier: Apache-2.0
// The start record of a Tenon guest.
#include "hv/guest/start_info.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

namespace hv {

namespace {

/// x87, SSE and AVX, which every x86-64 server of the last decade has: trap frames then have the same layout on all
/// hosts. Components that this host lacks are left out.
constexpr std::uint64_t xstate_baseline = 0x7;

std::uint64_t enabled_xstate() {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (static_cast<std::uint64_t>(high) << 32) | low;
}

}  // namespace

Result<> fill_start_info(tenon::abi::StartInfo& start, const StartParameters& parameters) {
    const MemoryLayout& memory = parameters.memory;
    const ImageLayout& image = parameters.image;
    if (parameters.command_line.size() > sizeof start.command_line)
        return fail(ErrorKind::usage,
                    "the guest's command line is longer than " + std::to_string(sizeof start.command_line) + " bytes");
    start.magic = tenon::abi::start_info_magic;
    start.abi_version = tenon::abi::version;
    start.size = sizeof start;
    start.accelerator = parameters.accelerator;
    start.vcpu_count = parameters.vcpu_count;
    start.features = supported_features;

    start.range_count = memory.range_count;
    std::copy_n(memory.ranges, memory.range_count, start.ranges);
    start.device_count = parameters.device_count;
    start.io_zone = memory.io_zone;
    start.image = image.extent;
    start.stack_arena = {image.note.stack_arena, image.note.stack_arena_size};

    start.hv_start_tsc = parameters.hv_start_tsc;
    start.xstate_mask = enabled_xstate() & xstate_baseline;
    if (getrandom(start.entropy, sizeof start.entropy, 0) != static_cast<ssize_t>(sizeof start.entropy))
        return fail(ErrorKind::host_lacks, std::string("getrandom: ") + std::strerror(errno));

    parameters.machine_name.copy(start.machine_name, sizeof start.machine_name - 1);
    start.command_line_size = static_cast<std::uint32_t>(parameters.command_line.size());
    parameters.command_line.copy(start.command_line, sizeof start.command_line);
    return {};
}

}  // namespace hv
